import { describe, expect, test } from 'vitest'
import type { Job, JobSpec } from '../jobs/job.ts'
import { resolveJob } from '../jobs/definition.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { EndedRun } from '../runs/run.ts'
import type { Applied } from './applied.ts'
import { apply } from './apply.ts'
import type { AttemptFinish, Command, ExecutorChange, FireDecision } from './commands.ts'
import { IDEMPOTENCY_MS } from './idempotency.ts'
import { emptyState } from './state.ts'
import { STRETCH_FIRES_MAX, STRETCH_MS_MAX } from './stretches.ts'

const T0 = 1_800_000_000_000
const HOUR = 3_600_000

/** A state and short verbs for the commands that change it. */
function world({ slots = 1000, queuedRunsMax = 100_000 } = {}) {
  const state = emptyState()
  let index = 0
  let now = T0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>): Applied =>
    apply(state, { index: ++index, term: 1, command: { at: now, ...command } as Command })
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: slots })
  const namespace = state.namespaceNames.get('default') ?? 0
  run({ kind: 'namespace-put', name: 'default', change: { description: '', slots, queuedRunsMax } })
  const change = { description: '', allowedHosts: [] }
  for (const name of ['work', 'other']) run({ kind: 'service-put', namespace, name, change })
  const serviceUid = (name: string) => state.serviceNames.get(`${namespace}/${name}`) ?? 0
  const verbs = {
    state,
    run,
    namespace,
    at: (ms: number) => {
      now = T0 + ms
    },
    executor(id: string, changes: Partial<ExecutorChange> = {}, service = 'work') {
      const complete = { kind: 'static', url: `http://${id}`, weight: 1, slots: 0, labels: {}, status: 'online' }
      run({ kind: 'executor-put', service: serviceUid(service), id, change: { ...complete, ...changes } })
    },
    removeExecutor: (id: string) => run({ kind: 'executor-delete', service: serviceUid('work'), id }),
    held: (id: string, service = 'work') => state.executors.get(serviceUid(service))?.get(id)?.held,
    job(spec: Partial<JobSpec> = {}, more: object = {}, name = 'job'): Job {
      const resolved = resolveJob({ target: { kind: 'handler', service: 'work', handler: 'h' } })
      if (!resolved.ok) throw new Error('not a job')
      const complete = { ...resolved.spec, ...spec }
      run({ kind: 'job-put', namespace, name, spec: complete, schedules: [], spread: 0, by: 't', ...more })
      return state.jobs.get(state.jobNames.get(`${namespace}/${name}`) ?? 0) as Job
    },
    decide(job: Job, decision: Partial<FireDecision>) {
      const whole = { job: job.uid, version: job.version, fires: [], ...decision }
      return run({ kind: 'decide-fires', node: 'n', decisions: [whole] })
    },
    fire(job: Job, ms: number, place?: string[], cause = 'schedule') {
      const fireTime = T0 + ms
      const id = scheduledRunId(job.uid, fireTime)
      const fire = { run: id, fireTime, dueTime: fireTime, schedules: ['s'], cause, ...(place ? { place } : {}) }
      const applied = verbs.decide(job, { fires: [fire as FireDecision['fires'][number]] })
      const [ended] = rows<EndedRun>(applied, 'ended-run').filter((row) => row.id === id)
      return { id, verdict: applied.value?.fires?.[0], ended }
    },
    skip: (job: Job, from: number, to: number, count: number, reason = 'paused') =>
      verbs.decide(job, { skipped: [{ reason, from: T0 + from, to: T0 + to, count } as never] }),
    finish(run_: string, outcome: AttemptFinish['outcome'], more: Partial<AttemptFinish> = {}) {
      const open = state.runs.get(run_)
      const attempt = open?.shards[0]?.attempt?.id ?? ''
      const finish = { attempt, job: open?.job, outcome, endedAt: now, retryable: true, chance: 0, ...more }
      return run({ kind: 'attempts-finished', finishes: [finish] })
    },
    /** Once its delay is over. */
    place(run_: string, executor: string) {
      const { attempts = 0, retryAt = 0 } = state.runs.get(run_)?.shards[0] ?? {}
      now = Math.max(now, retryAt)
      return run({
        kind: 'place-shards',
        node: 'n',
        placements: [{ run: run_, shard: 0, attempts, executor }],
      })
    },
    attempt: (run_: string) => state.runs.get(run_)?.shards[0]?.attempt,
  }
  return verbs
}

const rows = <Row = never>(applied: Applied, kind: string): Row[] =>
  applied.changes.flatMap((change) => ('row' in change && change.kind === kind ? [change.row as Row] : []))

describe('admission: the first test that fails is the reason', () => {
  const cases: [string, Partial<JobSpec>, { open: number; place?: string[]; slots?: number }, string][] = [
    ['nothing in the way', {}, { open: 0, place: ['e1'] }, 'started'],
    ['overlap before slots', { overlap: 'skip' }, { open: 1, place: ['e1'], slots: 1 }, 'skipped overlap'],
    ['queue', { overlap: 'queue' }, { open: 1, place: ['e1'] }, 'queued'],
    ['a full queue', { overlap: 'queue', queueMax: 0 }, { open: 1, place: ['e1'] }, 'skipped overlap'],
    ['the limit', { overlap: 'allow', maxConcurrentRuns: 1 }, { open: 1, place: ['e1'] }, 'skipped max-concurrent'],
    ['below the limit', { overlap: 'allow', maxConcurrentRuns: 2 }, { open: 1, place: ['e1'] }, 'started'],
    ['S048 no slot', { overlap: 'allow' }, { open: 1, place: ['e1'], slots: 1 }, 'queued'],
    [
      'no slot, and fail',
      { overlap: 'allow', whenFull: 'fail' },
      { open: 1, place: ['e1'], slots: 1 },
      'failed no-slot',
    ],
    ['an executor that has gone, while another is free', { whenFull: 'fail' }, { open: 0, place: ['e9'] }, 'queued'],
    ['cancel-running frees the slot', { overlap: 'cancel-running' }, { open: 1, place: ['e1'], slots: 1 }, 'started'],
    [
      'cancel-running, an executor that has gone, while that of the old run is as good',
      { overlap: 'cancel-running', whenFull: 'fail' },
      { open: 1, place: ['e9'] },
      'queued',
    ],
    ['cancel-running where it must wait', { overlap: 'cancel-running' }, { open: 1, place: ['e9'] }, 'queued'],
  ]
  test.each(cases)('%s', (_name, spec, { open, place, slots = 1000 }, expected) => {
    const w = world({ slots })
    w.executor('e1')
    const job = w.job(spec)
    for (let i = 0; i < open; i++) expect(w.fire(job, 1000 + i, ['e1']).verdict).toBe('started')
    const { verdict, ended } = w.fire(job, 5000, place)
    const why = job.progress.stretch?.reason ?? ended?.error?.code
    expect(why === undefined ? verdict : `${ended?.state ?? verdict} ${why}`).toBe(expected)
  })

  test('fires are taken in ascending order only', () => {
    const w = world()
    w.executor('e1')
    const job = w.job({ overlap: 'allow' })
    expect(w.fire(job, 2000, ['e1']).verdict).toBe('started')
    expect(w.fire(job, 2000, ['e1']).verdict).toBe('duplicate')
    expect(w.fire(job, 1000, ['e1']).verdict).toBe('duplicate')
    expect(job.progress.fireCount).toBe(1)
  })

  test('a decision about another version of the job changes nothing', () => {
    const w = world()
    const job = w.job()
    const { version } = job
    w.run({ kind: 'job-pause', job: job.uid, by: 't' })
    const { value } = w.decide({ ...job, version }, { skipped: [{ reason: 'overlap', from: T0, to: T0, count: 1 }] })
    expect(value?.fires).toEqual(['stale'])
    expect(job.progress.fireCount).toBe(0)
  })
})

describe('coalescing into the next fire', () => {
  test('a catch-up run that waits goes into a fire that becomes a run', () => {
    const w = world()
    w.executor('e1')
    const job = w.job()
    const missed = w.fire(job, 1000, undefined, 'misfire').id
    const next = w.fire(job, 2000, ['e1'])
    expect(next.verdict).toBe('started')
    expect(w.state.runs.has(missed)).toBe(false)
  })

  test('it stays when the fire is skipped itself: there is no run that it could go into', () => {
    const w = world()
    w.executor('e1')
    const job = w.job()
    w.fire(job, 500, ['e1'])
    const missed = w.fire(job, 1000, undefined, 'misfire').id
    expect(w.fire(job, 2000, ['e1']).verdict).toBe('skipped')
    expect(w.state.runs.get(missed)?.state).toBe('queued')
  })
})

describe('stretches', () => {
  test(`closes at ${STRETCH_FIRES_MAX} fires, after an hour, at another reason and at a run`, () => {
    const w = world()
    w.executor('e1')
    const job = w.job()
    expect(rows(w.skip(job, 1, STRETCH_FIRES_MAX - 1, STRETCH_FIRES_MAX - 1), 'stretch')).toEqual([])
    expect(rows(w.skip(job, 5000, 5000, 1), 'stretch')).toMatchObject([{ count: STRETCH_FIRES_MAX, from: T0 + 1 }])
    expect(rows(w.skip(job, 6000, 6000, 1), 'stretch')).toEqual([])
    expect(rows(w.skip(job, 6000 + STRETCH_MS_MAX, 6000 + STRETCH_MS_MAX, 1), 'stretch')).toMatchObject([{ count: 2 }])
    w.skip(job, 2 * HOUR, 2 * HOUR, 1)
    expect(rows(w.skip(job, 2 * HOUR + 1, 2 * HOUR + 1, 1, 'overlap'), 'stretch')).toMatchObject([{ reason: 'paused' }])
    const before = w.state.index
    w.fire(job, 3 * HOUR, ['e1'])
    expect(w.state.index).toBe(before + 1)
    expect(job.progress.stretch).toBeUndefined()
  })

  test('a fixed delay counts from the skip of the last fire', () => {
    const w = world()
    const job = w.job()
    w.at(77)
    w.skip(job, 1, 50, 50, 'misfire-threshold')
    expect(job.progress.lastEnd).toBe(T0 + 77)
  })
})

describe('changes of a job', () => {
  test('a new job begins where its first fire was computed', () => {
    const w = world()
    w.at(5)
    const job = w.job({}, { from: T0 + 2 })
    expect([job.createdAt, job.since, job.progress.decidedUpTo]).toEqual([T0 + 2, T0 + 2, T0 + 2])
  })

  test('a resume counts from where its fires were counted: what lies between is still to be decided', () => {
    const w = world()
    const job = w.job()
    w.run({ kind: 'job-pause', job: job.uid, by: 't' })
    w.at(9000)
    const fires = { from: T0 + 1000, to: T0 + 7000, count: 7 }
    w.run({ kind: 'job-resume', job: job.uid, by: 't', fires, from: T0 + 7500 })
    expect(job.progress.decidedUpTo).toBe(T0 + 7500)
    expect(job.progress.stretch).toMatchObject({ reason: 'paused', count: 7 })
  })

  test('an edit of a paused job records what it missed', () => {
    const w = world()
    const job = w.job()
    w.run({ kind: 'job-pause', job: job.uid, by: 't' })
    w.at(9000)
    w.job({}, { fires: { from: T0 + 1000, to: T0 + 7000, count: 7 }, from: T0 + 8000 })
    expect(job).toMatchObject({ state: 'paused', progress: { fireCount: 7, stretch: { reason: 'paused', count: 7 } } })
  })

  test('of the fires that wait out their jitter at an edit the last one stays, and the others go into it', () => {
    const w = world()
    const fire = (ms: number) => ({ fireTime: T0 + ms, dueTime: T0 + ms + 60_000, schedules: ['s'] })
    const job = w.job({}, { next: fire(1000), from: T0 })
    w.at(4000)
    const fires = { from: T0 + 1000, to: T0 + 2000, count: 2 }
    w.job({}, { next: fire(9000), fires, waiting: fire(3000), from: T0 + 3500 })
    expect(job.progress).toMatchObject({ nextFire: fire(3000), decidedUpTo: T0 + 2000, fireCount: 2 })
    expect(job.progress.stretch).toMatchObject({ reason: 'coalesced', into: scheduledRunId(job.uid, T0 + 3000) })
    w.run({ kind: 'job-pause', job: job.uid, by: 't' })
    expect(job.progress).toMatchObject({ fireCount: 3, decidedUpTo: T0 + 3000, stretch: { reason: 'paused' } })
  })
})

describe('slots', () => {
  test('S048 a slot goes back to the executor that gave it, also when the job calls another service by now', () => {
    const w = world()
    w.executor('e1', { slots: 1 })
    w.executor('e1', { slots: 1 }, 'other')
    const job = w.job()
    const { id } = w.fire(job, 1000, ['e1'])
    w.job({ ...job.spec, target: { kind: 'handler', service: 'other', handler: 'h' } })
    expect([w.held('e1'), w.held('e1', 'other')]).toEqual([1, 0])
    w.finish(id, 'succeeded')
    expect([w.held('e1'), w.held('e1', 'other')]).toEqual([0, 0])
  })

  test('an executor that was deleted and came back holds what it held', () => {
    const w = world()
    w.executor('e1', { slots: 1 })
    const { id } = w.fire(w.job(), 1000, ['e1'])
    w.removeExecutor('e1')
    w.executor('e1', { slots: 1 })
    expect(w.held('e1')).toBe(1)
    w.finish(id, 'succeeded')
    expect(w.held('e1')).toBe(0)
  })

  test('waiting runs of a namespace are bounded', () => {
    const w = world({ queuedRunsMax: 1 })
    const job = w.job({ overlap: 'allow' })
    expect([w.fire(job, 1000).verdict, w.fire(job, 2000).verdict]).toEqual(['queued', 'skipped'])
    expect(job.progress.stretch?.reason).toBe('no-slot')
  })
})

describe('asking again', () => {
  test('a redispatch names what it stands for to the same instance only', () => {
    const w = world()
    w.executor('e1', { bootId: 'a' })
    const { id } = w.fire(w.job(), 1000, ['e1'])
    const first = w.attempt(id)?.id
    w.finish(id, 'uncertain')
    w.place(id, 'e1')
    expect(w.attempt(id)?.supersedes).toEqual([first])
    w.finish(id, 'uncertain')
    w.executor('e1', { bootId: 'b' })
    w.place(id, 'e1')
    expect(w.attempt(id)).toMatchObject({ supersedes: [], bootId: 'b' })
  })

  test('when the instance has gone and failover is off, nobody else is asked: the run is lost', () => {
    const w = world()
    w.executor('e1', { bootId: 'a' })
    w.executor('e2', { bootId: 'z' })
    const job = w.job({ failover: false })
    const { id } = w.fire(job, 1000, ['e1'])
    w.finish(id, 'uncertain')
    w.place(id, 'e2')
    expect(job.progress.lastRun).toMatchObject({ id, state: 'lost' })
  })

  test('executors that all refuse are not gone round for ever', () => {
    const w = world()
    w.executor('e1')
    w.executor('e2')
    const job = w.job({ retry: { max: 2, delayMs: 1, backoff: 'fixed', maxDelayMs: 1, jitter: 0 } })
    const { id } = w.fire(job, 1000, ['e1'])
    for (let calls = 1; calls < 20 && w.state.runs.has(id); calls++) {
      w.finish(id, 'refused')
      const shard = w.state.runs.get(id)?.shards[0]
      w.place(id, shard?.placedOn ?? (shard?.tried.includes('e1') ? 'e2' : 'e1'))
    }
    expect(job.progress.lastRun?.state).toBe('failed')
  })

  test('an outcome that says nothing about the connection does not close the breaker', () => {
    const w = world()
    w.executor('e1')
    const job = w.job({ overlap: 'allow', failover: false })
    const executor = () => [...(w.state.executors.values().next().value ?? new Map()).values()][0]
    for (let i = 1; i <= 4; i++) w.finish(w.fire(job, i, ['e1']).id, 'refused', { connectionFailed: true })
    const { id } = w.fire(job, 10, ['e1'])
    w.run({ kind: 'node-up', node: 'n', incarnation: 1 })
    expect(w.state.runs.get(id)?.shards[0]?.state).toBe('waiting')
    expect(executor()?.failures).toBe(4)
    w.finish(w.fire(job, 11, ['e1']).id, 'succeeded', { status: 200 })
    expect(executor()?.failures).toBe(0)
  })
})

describe('a node comes up', () => {
  test('what it had open is uncertain, except what an executor accepted', () => {
    const w = world()
    w.executor('e1')
    const job = w.job({ overlap: 'allow' })
    w.run({ kind: 'node-up', node: 'n', incarnation: 1 })
    const [one, two] = [w.fire(job, 1, ['e1']).id, w.fire(job, 2, ['e1']).id]
    const accepted = [{ attempt: w.attempt(two)?.id, leaseMs: 1000 }]
    w.run({ kind: 'attempts-accepted', accepted })
    const up = w.run({ kind: 'node-up', node: 'n', incarnation: 2 })
    expect(rows(up, 'ended-attempt')).toMatchObject([{ run: one, outcome: 'uncertain', next: 'redispatch' }])
    expect(w.attempt(two)).toBeDefined()
    expect(w.run({ kind: 'node-up', node: 'n', incarnation: 2 }).rejection?.code).toBe('already-exists')
  })
})

describe('a reset to another cluster', () => {
  test('raises the tokens, forgets all others, and makes open calls of any node uncertain, accepted ones excepted', () => {
    const w = world()
    w.executor('e1')
    const job = w.job({ overlap: 'allow' })
    for (const [node, incarnation] of [
      ['n', 3],
      ['o', 1],
    ])
      w.run({ kind: 'node-up', node, incarnation })
    w.run({ kind: 'member-put', member: { id: 'o', name: 'n2', address: 'h:1', addedAt: T0 } })
    const [one, two] = [w.fire(job, 1, ['e1']).id, w.fire(job, 2, ['e1']).id]
    w.run({ kind: 'attempts-accepted', accepted: [{ attempt: w.attempt(two)?.id, leaseMs: 1000 }] })
    const before = w.state.fencingToken
    const member = { id: 'n', name: 'n1', address: 'h:2', addedAt: T0, joinedAt: T0 }
    const reset = w.run({ kind: 'cluster-reset', cluster: 'c2', member, fencingRaise: 2 ** 40 })
    expect(w.state).toMatchObject({ cluster: 'c2', fencingToken: before + 2 ** 40 })
    expect([...w.state.nodes]).toEqual([['n', { incarnation: 3 }]])
    expect([...w.state.members.values()]).toEqual([member])
    expect(rows(reset, 'ended-attempt')).toMatchObject([{ run: one, outcome: 'uncertain', next: 'redispatch' }])
    expect(w.attempt(two)).toBeDefined()
    w.place(one, 'e1')
    expect(w.attempt(one)?.fencingToken).toBe(before + 2 ** 40 + 1)
  })
})

describe('requests', () => {
  const request = (w: ReturnType<typeof world>, job: Job, run: string, bodyHash = 'h') =>
    w.run({
      kind: 'run-request',
      job: job.uid,
      run,
      cause: 'api',
      by: 't',
      idempotency: { key: 'k', principal: 'p', bodyHash },
    })

  test('a key answers with the first run for a day, refuses another body, and is then forgotten', () => {
    const w = world()
    const job = w.job({ overlap: 'allow' })
    expect(request(w, job, 'r1').value).toEqual({ run: 'r1' })
    w.at(IDEMPOTENCY_MS - 1)
    expect(request(w, job, 'r2').value).toEqual({ run: 'r1', replayed: true })
    expect(request(w, job, 'r3', 'other').rejection?.code).toBe('idempotency-mismatch')
    w.at(IDEMPOTENCY_MS)
    expect(request(w, job, 'r4').value).toEqual({ run: 'r4' })
    expect(w.state.idempotency.size).toBe(1)
  })
})

test('counters of an hour that is over leave memory', () => {
  const w = world()
  w.executor('e1')
  const job = w.job({ overlap: 'allow' })
  w.finish(w.fire(job, 1, ['e1']).id, 'succeeded')
  expect(w.state.counters.size).toBe(2)
  w.at(HOUR)
  w.run({ kind: 'job-pause', job: job.uid, by: 't' })
  expect(w.state.counters.size).toBe(0)
})
