import { describe, expect, test } from 'vitest'
import { CodeWorld, manifest } from '../manifests/code-world.test-helper.ts'
import type { Command } from './commands.ts'
import { KEPT_MAX, keptJobs, SEEN_MAX } from './manifests.ts'

const A = { retry: { max: 1 } }

/** The entry by which a manifest was taken. */
function taken(world: CodeWorld): Extract<Command, { kind: 'manifest-reconcile' }> {
  const found = world.commands.findLast(({ kind }) => kind === 'manifest-reconcile')
  if (found?.kind !== 'manifest-reconcile') throw new Error('no manifest was taken')
  return found
}

describe('an entry that brings the jobs of a service to its code', () => {
  test('changes nothing when one of them was changed meanwhile', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: A, b: A }))
    await w.says(manifest('r2', { a: {}, b: {} }))
    const { jobs, ...command } = taken(w)
    const [digest, before] = [w.state.digest, structuredClone([...w.state.jobs.values()])]
    const version = (name: string) => w.job(name)?.version ?? 0
    const late = jobs.map((put) => ({ ...put, ifVersion: put.name === 'b' ? 1 : version(put.name) }))
    const known = w.state.manifests.get(w.service().uid)
    const again = { ...command, ifVersion: known?.version ?? 0, jobs: late, rollback: true }
    expect(w.run(again)).toMatchObject({ kind: 'rejected', rejection: { code: 'version-mismatch' } })
    expect([...w.state.jobs.values()]).toEqual(before)
    expect(w.state.manifests.get(w.service().uid)).toBe(known)
    expect(w.state.digest).not.toBe(digest)
  })

  test('is refused when another manifest was seen meanwhile, or the service has gone', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: A }))
    const command = taken(w)
    expect(w.run(command)).toMatchObject({ rejection: { code: 'version-mismatch' } })
    expect(w.run({ ...command, service: 999 })).toMatchObject({ rejection: { code: 'service-not-found' } })
  })

  test('is refused when it turns jobs back, and nobody said so', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: A }))
    const first = taken(w)
    await w.says(manifest('r2', { a: {} }))
    const ifVersion = w.state.manifests.get(w.service().uid)?.version ?? 0
    expect(w.run({ ...first, ifVersion, jobs: [] })).toMatchObject({ rejection: { code: 'manifest-older' } })
    expect(w.run({ ...first, ifVersion, jobs: [], rollback: true }).kind).toBe('applied')
  })

  test('makes no job that calls another service', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: A }))
    const { jobs, ...command } = taken(w)
    const other = { ...command, service: w.service('other').uid, ifVersion: 0 }
    const renamed = jobs.map((put) => ({ ...put, name: 'z' }))
    expect(w.run({ ...other, jobs: renamed })).toMatchObject({ rejection: { code: 'invalid-manifest' } })
  })
})

describe('what is known of the program of a service', () => {
  test('holds so many manifests at most, the one in force among them', async () => {
    const w = new CodeWorld()
    await w.says(manifest('first', { a: A }, { revisionOrder: 1_000_000 }))
    for (let i = 0; i < SEEN_MAX + 5; i++) await w.says(manifest(`r${i}`, { a: {} }, { revisionOrder: i }))
    const { seen = [], current } = w.state.manifests.get(w.service().uid) ?? {}
    expect(seen).toHaveLength(SEEN_MAX)
    expect([current?.revision, seen[0]?.revision, seen.at(-1)?.revision]).toEqual([
      'first',
      'first',
      `r${SEEN_MAX + 4}`,
    ])
  })

  test('goes with the service', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: A }))
    const { uid } = w.service()
    w.run({ kind: 'job-delete', at: w.now, job: w.job('a')?.uid ?? 0, force: true })
    expect(keptJobs(w.state, uid)).toEqual([])
    expect(w.run({ kind: 'service-delete', at: w.now, service: uid }).kind).toBe('applied')
    expect(w.state.manifests.size).toBe(0)
  })

  test('keeps so many jobs at most, those that it names no more among them', async () => {
    const w = new CodeWorld()
    const named = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`j${from + i}`, {}]))
    await w.says(manifest('r1', named(0, 500)))
    await w.says(manifest('r2', named(500, 500)))
    expect(keptJobs(w.state, w.service().uid)).toHaveLength(KEPT_MAX)
    expect(await w.says(manifest('r3', named(1000, 1)))).toMatchObject({
      outcome: 'refused',
      faults: [{ pointer: '/handlers' }],
    })
    expect(await w.apply(manifest('r3', named(1000, 1)), { prune: true })).toMatchObject({ outcome: 'applied' })
    expect(w.jobs).toEqual(['j1000'])
  })
})
