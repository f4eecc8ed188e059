import { describe, expect, test } from 'vitest'
import type { JobSpec } from '../jobs/job.ts'
import { resolveJob } from '../jobs/definition.ts'
import { actions, CodeWorld, HOURLY, manifest, NIGHTLY } from './code-world.test-helper.ts'
import { codeStatus, managedBy } from './managed-by.ts'

function spec(definition: object): JobSpec {
  const resolved = resolveJob(definition)
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  return resolved.spec
}

/** What a person makes. */
function byHand(world: CodeWorld, name: string, definition: object): void {
  const { namespace, now: at } = world
  const target = { kind: 'handler', service: 'billing', handler: name }
  const put = { namespace, name, spec: spec({ target, ...definition }), schedules: [], spread: 0, by: 'token:ann' }
  world.run({ kind: 'job-put', at, ...put })
}

function faults(done: object): string[] {
  return 'faults' in done ? (done.faults as { pointer: string }[]).map(({ pointer }) => pointer) : []
}

describe('the jobs of a service', () => {
  test('are made as its code says, in one entry', async () => {
    const w = new CodeWorld()
    const before = w.commands.length
    expect(await w.says(manifest('r1', { report: NIGHTLY, plain: undefined, sweep: HOURLY }))).toMatchObject({
      outcome: 'applied',
    })
    expect(w.commands.length - before).toBe(1)
    expect(w.jobs).toEqual(['report', 'sweep'])
    expect(w.job('report')).toMatchObject({
      state: 'active',
      createdBy: 'executor:billing/e1',
      spec: {
        target: { kind: 'handler', service: 'billing', handler: 'report' },
        retry: { max: 3 },
        timeoutMs: 600_000,
      },
      progress: { nextFire: { fireTime: Date.UTC(2027, 0, 1, 15) } },
    })
    const [report, sweep] = [w.job('report'), w.job('sweep')]
    expect(report?.uid).not.toBe(sweep?.uid)
    expect(managedBy(w.state, report as never)).toMatchObject({ service: 'billing', revision: 'r1', status: 'in-code' })
  })

  test('of which nothing changed are left alone, and what changed keeps its fires and what people decided', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY, sweep: HOURLY }))
    const sweep = w.job('sweep')
    const people = {
      labels: { team: 'pay' },
      priority: 90,
      notify: ['expired'],
      pauseAfterFailures: 3,
      retention: { maxRuns: 5 },
    }
    byHand(w, 'report', { ...NIGHTLY, ...people })
    w.run({ kind: 'job-pause', at: w.now, job: w.job('report')?.uid ?? 0, by: 'token:ann' })
    const { version = 0 } = sweep ?? {}
    const done = await w.says(manifest('r2', { report: { ...NIGHTLY, retry: { max: 5 } }, sweep: HOURLY }))
    expect(actions(done)).toEqual(['update report', 'none sweep'])
    expect(w.job('sweep')).toMatchObject({ version })
    expect(w.job('report')).toMatchObject({
      state: 'paused',
      spec: { retry: { max: 5 }, labels: { team: 'pay' }, priority: 90, notify: ['expired'], pauseAfterFailures: 3 },
    })
    expect(w.job('report')?.spec.retention).toEqual({ maxRuns: 5 })
  })

  test('lose what the code mentions no more: it has its default again', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: { ...NIGHTLY, sharding: { count: 4 }, routing: { strategy: 'sharded' } } }))
    await w.says(manifest('r2', { report: HOURLY }))
    expect(w.job('report')?.spec).toMatchObject({ retry: { max: 0 }, routing: { strategy: 'round-robin' } })
    expect(w.job('report')?.spec.sharding).toBeUndefined()
  })

  test('that the newest revision does not name go on, and are shown as absent from code', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY, sweep: HOURLY }))
    expect(actions(await w.says(manifest('r2', { report: NIGHTLY })))).toEqual(['none report', 'absent sweep'])
    const sweep = w.job('sweep')
    expect(sweep).toMatchObject({ state: 'active' })
    expect(codeStatus(w.state, sweep as never)).toBe('absent-from-code')
    await w.says(manifest('r3', { report: NIGHTLY, sweep: HOURLY }))
    expect(codeStatus(w.state, sweep as never)).toBe('in-code')
  })

  test('that a person made for the same handler are taken over', async () => {
    const w = new CodeWorld()
    byHand(w, 'report', { labels: { team: 'pay' } })
    const uid = w.job('report')?.uid
    expect(actions(await w.says(manifest('r1', { report: NIGHTLY })))).toEqual(['adopt report'])
    expect(w.job('report')).toMatchObject({ uid, spec: { retry: { max: 3 }, labels: { team: 'pay' } } })
  })

  test('may name each other as children in any order, also the other way round than before', async () => {
    const w = new CodeWorld()
    const child = (job: string) => ({ children: [{ job }] })
    await w.says(manifest('r1', { a: child('b'), b: child('c'), c: {} }))
    expect(w.jobs).toEqual(['a', 'b', 'c'])
    await w.says(manifest('r2', { a: {}, b: child('a'), c: child('b') }))
    expect(w.job('c')?.spec.children).toMatchObject([{ job: 'b' }])
    expect([...(w.state.parents.get(`${w.namespace}/a`) ?? [])]).toEqual([w.job('b')?.uid])
  })
})

describe('a manifest that is not valid is refused whole, with its places', () => {
  test.each<[string, object, string[]]>([
    ['a bad cron', { report: { schedules: [{ cron: '61 * * * *' }] } }, ['/handlers/1/job/schedules/0/cron']],
    ['one that never fires', { report: { schedules: [{ cron: '0 0 30 2 *' }] } }, ['/handlers/1/job/schedules/0/cron']],
    ['an unknown child', { report: { children: [{ job: 'nobody' }] } }, ['/handlers/1/job/children/0']],
    [
      'a circle',
      { report: { children: [{ job: 'sweep' }] }, sweep: { children: [{ job: 'report' }] } },
      ['/handlers/1/job/children/0', '/handlers/2/job/children/0'],
    ],
    [
      'a circle that others lead to',
      { report: { children: [{ job: 'b' }] }, b: { children: [{ job: 'c' }] }, c: { children: [{ job: 'b' }] } },
      ['/handlers/2/job/children/0', '/handlers/3/job/children/0'],
    ],
    [
      'what people decide',
      { report: { priority: 1, paused: true } },
      ['/handlers/1/job/paused', '/handlers/1/job/priority'],
    ],
    ['a target', { report: { target: {} } }, ['/handlers/1/job/target']],
    ['a field that there is not', { report: { retris: 1 } }, ['/handlers/1/job/retris']],
    ['two jobs of one name', { report: {}, sweep: { name: 'report' } }, ['/handlers/2/job/name']],
    ['a name that no job may have', { 'a/b': {} }, ['/handlers/1/name']],
    ['the name of a job that calls something else', { theirs: {} }, ['/handlers/1/job/name']],
  ])('%s', async (_, jobs, pointers) => {
    const w = new CodeWorld()
    byHand(w, 'theirs', { target: { kind: 'http', url: 'https://a.example.com/' } })
    await w.says(manifest('r1', { good: NIGHTLY }))
    const before = w.jobs
    const done = await w.says(manifest('r2', { good: HOURLY, ...(jobs as Record<string, object>) }))
    expect(done).toMatchObject({ outcome: 'refused' })
    expect(faults(done).sort()).toEqual(pointers.sort())
    expect(w.jobs).toEqual(before)
    expect(w.job('good')?.spec.retry.max).toBe(3)
    expect(w.revision()).toBe('r1')
    const { seen = [] } = w.state.manifests.get(w.service().uid) ?? {}
    expect(seen).toMatchObject([{ revision: 'r1' }, { revision: 'r2', outcome: 'refused' }])
    expect(seen[1]?.faults).toHaveLength(pointers.length)
  })

  test('and is remembered once, and taken when what was wrong has gone', async () => {
    const w = new CodeWorld()
    const wanted = manifest('r1', { report: { children: [{ job: 'later' }] } })
    await w.says(wanted)
    const before = w.commands.length
    await w.says(wanted)
    expect(w.commands).toHaveLength(before)
    byHand(w, 'later', {})
    expect(await w.says(wanted)).toMatchObject({ outcome: 'applied' })
  })

  test.each<[string, unknown, string]>([
    ['no object', 5, ''],
    ['no handlers', {}, '/handlers'],
    ['handlers that are no list', { handlers: {} }, '/handlers'],
    ['a handler without a name', { handlers: [{}] }, '/handlers/0/name'],
    ['two handlers of one name', { handlers: [{ name: 'a' }, { name: 'a' }] }, '/handlers/1/name'],
    ['another service', { service: 'other', handlers: [] }, '/service'],
    ['too many bytes', { handlers: [{ name: 'a', params: { description: 'x'.repeat(600_000) } }] }, '/handlers'],
    ['an order that is no number', { revisionOrder: 'x', handlers: [] }, '/revisionOrder'],
  ])('%s', async (_, given, pointer) => {
    const w = new CodeWorld()
    expect(faults(await w.apply(given as object))).toContain(pointer)
    expect(w.state.manifests.size).toBe(0)
  })

  test('a job that the code of another service keeps stays there', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const done = await w.says(manifest('r1', { report: NIGHTLY }), 'other')
    expect(faults(done)).toEqual(['/handlers/0/job/name'])
  })

  test('a job moves to another service by order of a person, once the code that kept it names it no more', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const there = manifest('r1', { report: HOURLY })
    expect(faults(await w.apply(there, { adopt: true }, 'other'))).toEqual(['/handlers/0/job/name'])
    await w.says(manifest('r2', {}))
    const uid = w.job('report')?.uid
    expect(await w.says(there, 'other')).toMatchObject({ faults: [{ detail: expect.stringContaining('--adopt') }] })
    expect(actions(await w.apply(there, { adopt: true }, 'other'))).toEqual(['adopt report'])
    expect(w.job('report')).toMatchObject({ uid, spec: { target: { service: 'other' } } })
    expect(managedBy(w.state, w.job('report') as never)).toMatchObject({ service: 'other', status: 'in-code' })
    expect(await w.says(there, 'other')).toMatchObject({ outcome: 'unchanged' })
    expect(faults(await w.says(manifest('r3', { report: NIGHTLY })))).toEqual(['/handlers/0/job/name'])
    // What was pruned there is none of its jobs any more.
    expect(actions(await w.apply(manifest('r4', {}), { prune: true }))).toEqual([])
  })

  test("a job whose service has gone is anybody's that it calls", async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const { namespace, now: at } = w
    const target = { kind: 'handler', service: 'other', handler: 'report' }
    const keeping = { service: w.service().uid, detached: true as const }
    const put = {
      namespace,
      name: 'report',
      spec: spec({ target }),
      schedules: [],
      spread: 0,
      by: 'token:ann',
      keeping,
    }
    w.run({ kind: 'job-put', at, ...put })
    w.run({ kind: 'service-delete', at, service: w.service().uid })
    expect(actions(await w.says(manifest('r1', { report: HOURLY }), 'other'))).toEqual(['adopt report'])
  })

  test('what was sent is remembered of a fault only so far', async () => {
    const w = new CodeWorld()
    await w.says({ handlers: [{ name: 'a', job: { ['x'.repeat(100_000)]: 1 } }] })
    expect(JSON.stringify(w.state.manifests.get(w.service().uid)).length).toBeLessThan(2000)
  })

  test('an executor starts no job that a person took out of its code and pointed elsewhere', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: {}, sweep: {} }))
    const { namespace, now: at } = w
    const target = { kind: 'handler', service: 'other', handler: 'x' }
    const keeping = { service: w.service().uid, detached: true as const }
    const put = { namespace, name: 'sweep', spec: spec({ target }), schedules: [], spread: 0, by: 'token:ann', keeping }
    w.run({ kind: 'job-put', at, ...put })
    const wanted = manifest('r2', { report: { children: [{ job: 'sweep' }] }, sweep: {} })
    expect(faults(await w.says(wanted))).toEqual(['/handlers/0/job/children/0'])
    expect(await w.apply(wanted)).toMatchObject({ outcome: 'applied' })
  })

  test("an executor's credential starts nothing that is none of its service; a person's may", async () => {
    const w = new CodeWorld()
    byHand(w, 'theirs', { target: { kind: 'handler', service: 'other', handler: 'x' } })
    const wanted = manifest('r1', { report: { children: [{ job: 'theirs' }] } })
    expect(faults(await w.says(wanted))).toEqual(['/handlers/0/job/children/0'])
    expect(await w.apply(wanted)).toMatchObject({ outcome: 'applied' })
  })
})

describe('by order of a person', () => {
  test('what the code names no more is deleted, and paused while it runs or something else names it', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: {}, b: { children: [{ job: 'c' }] }, c: {}, busy: {}, named: {} }))
    byHand(w, 'parent', { children: [{ job: 'named' }] })
    const busy = w.job('busy')?.uid ?? 0
    w.run({ kind: 'run-request', at: w.now, job: busy, run: 'run1', cause: 'api', by: 't' })
    const done = await w.apply(manifest('r2', { a: {} }), { prune: true })
    expect(actions(done)).toEqual(['none a', 'delete b', 'delete c', 'pause busy', 'pause named'])
    expect(w.jobs).toEqual(['a', 'busy', 'named', 'parent'])
    expect([w.job('busy')?.state, w.job('named')?.state]).toEqual(['paused', 'paused'])
    expect(await w.apply(manifest('r2', { a: {} }))).toMatchObject({ outcome: 'unchanged' })
    // Nothing is left to do, however often it is said.
    const again = await w.apply(manifest('r2', { a: {} }), { prune: true })
    expect([again.outcome, actions(again)]).toEqual(['unchanged', ['none a', 'absent busy', 'absent named']])
  })

  test('what a job starts no more by the same revision may go with it', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { a: { children: [{ job: 'b' }] }, b: {} }))
    expect(actions(await w.apply(manifest('r2', { a: {} }), { prune: true }))).toEqual(['update a', 'delete b'])
    expect(w.jobs).toEqual(['a'])
  })

  test('a dry run changes nothing and says what would be', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const before = w.commands.length
    const done = await w.apply(manifest('r2', { report: HOURLY, more: {} }), { dryRun: true })
    expect(done.outcome).toBe('planned')
    expect(actions(done)).toEqual(['update report', 'create more'])
    expect(w.commands).toHaveLength(before)
  })

  test('a job that was detached stays as it is, until the code may adopt it', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const { namespace, now: at } = w
    const detached = { service: w.service().uid, detached: true as const }
    const target = { kind: 'handler', service: 'billing', handler: 'report' }
    const put = {
      namespace,
      name: 'report',
      spec: spec({ target }),
      schedules: [],
      spread: 0,
      by: 'ann',
      keeping: detached,
    }
    w.run({ kind: 'job-put', at, ...put })
    expect(actions(await w.says(manifest('r2', { report: HOURLY })))).toEqual(['detached report'])
    expect(w.job('report')?.spec.schedules).toEqual([])
    expect(actions(await w.apply(manifest('r2', { report: HOURLY }), { adopt: true }))).toEqual(['adopt report'])
    expect(codeStatus(w.state, w.job('report') as never)).toBe('in-code')
  })

  test('what is changed meanwhile by others is worked out again', async () => {
    const w = new CodeWorld()
    await w.says(manifest('r1', { report: NIGHTLY }))
    const { submit } = w
    let others = 3
    w.submit = (command) => {
      if (others-- > 0) byHand(w, 'report', { ...NIGHTLY, priority: others })
      return submit.call(w, command)
    }
    expect(await w.says(manifest('r2', { report: HOURLY }))).toMatchObject({ outcome: 'applied' })
    expect(w.job('report')?.spec).toMatchObject({ priority: 0, retry: { max: 0 } })
  })
})
