import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actions, CodeWorld, HOURLY, manifest, NIGHTLY } from './code-world.test-helper.ts'

describe('a revision', () => {
  test('that had its turn turns nothing back', async () => {
    const w = new CodeWorld()
    const [one, two] = [manifest('r1', { report: NIGHTLY, old: {} }), manifest('r2', { report: HOURLY })]
    await w.says(one)
    await w.says(two)
    const before = w.commands.length
    expect(await w.says(one)).toMatchObject({ outcome: 'older' })
    expect(w.commands).toHaveLength(before)
    expect(w.revision()).toBe('r2')
    expect(w.job('report')?.spec.retry.max).toBe(0)
  })

  test('that is older comes back when somebody rolls back on purpose, and the newer one stays away then', async () => {
    const w = new CodeWorld()
    const [one, two] = [manifest('r1', { report: NIGHTLY }), manifest('r2', { report: HOURLY })]
    await w.says(one)
    await w.says(two)
    expect(await w.apply(one)).toMatchObject({ outcome: 'older' })
    expect(await w.apply(one, { rollback: true })).toMatchObject({ outcome: 'applied', before: 'r2' })
    expect(w.job('report')?.spec.retry.max).toBe(3)
    expect(await w.says(two)).toMatchObject({ outcome: 'older' })
    expect(await w.says(manifest('r3', { report: HOURLY }))).toMatchObject({ outcome: 'applied' })
  })

  test('that says the same under another name changes no job, and is the one in force', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const { version } = w.job('report') ?? {}
    expect(actions(await w.says(manifest('r2', { report: NIGHTLY })))).toEqual(['none report'])
    expect([w.revision(), w.job('report')?.version]).toEqual(['r2', version])
    expect(await w.says(manifest('r1', { report: NIGHTLY }))).toMatchObject({ outcome: 'older' })
  })

  test('that says something else under the same name is another one, and neither comes back by itself', async () => {
    const w = new CodeWorld()
    const [one, other] = [manifest('r1', { report: NIGHTLY }), manifest('r1', { report: HOURLY })]
    expect([(await w.says(one)).outcome, (await w.says(other)).outcome]).toEqual(['applied', 'applied'])
    const before = w.commands.length
    for (const said of [one, other, one]) await w.says(said)
    expect(w.commands).toHaveLength(before)
    expect(w.job('report')?.spec.retry.max).toBe(0)
  })

  test('in which a handler has another name keeps the job, when that has a name of its own', async () => {
    const w = new CodeWorld()
    await w.says({ revision: 'r1', handlers: [{ name: 'old', job: { name: 'report', ...NIGHTLY } }] })
    const uid = w.job('report')?.uid
    const renamed = { revision: 'r2', handlers: [{ name: 'new', job: { name: 'report', ...NIGHTLY } }] }
    expect(actions(await w.says(renamed))).toEqual(['update report'])
    expect(w.job('report')).toMatchObject({ uid, spec: { target: { handler: 'new' } } })
  })

  test('is the newer one by its number, whoever was first', async () => {
    const one = manifest('r1', { report: NIGHTLY }, { revisionOrder: 1 })
    const two = manifest('r2', { report: HOURLY }, { revisionOrder: 2 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(one, two), { minLength: 1, maxLength: 12 }), async (order) => {
        const w = new CodeWorld()
        for (const said of order) await w.says(said)
        const isTwo = order.includes(two)
        expect(w.revision()).toBe(isTwo ? 'r2' : 'r1')
        expect(w.job('report')?.spec.retry.max).toBe(isTwo ? 0 : 3)
        // Nobody writes anything once both were seen.
        const before = w.commands.length
        for (const said of order) await w.says(said)
        expect(w.commands).toHaveLength(before)
      }),
      { numRuns: 60 },
    )
  })
})
