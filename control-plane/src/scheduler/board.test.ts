import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Executor } from '../discovery/executor.ts'
import { resolveJob } from '../jobs/definition.ts'
import type { Job, JobSpec, RoutingStrategy } from '../jobs/job.ts'
import { scheduledRunId } from '../runs/ids.ts'
import { apply } from '../state/apply.ts'
import type { Command, ExecutorChange } from '../state/commands.ts'
import { emptyState } from '../state/state.ts'
import { Board } from './board.ts'

const T0 = 1_800_000_000_000
const STRATEGIES: RoutingStrategy[] = [
  'round-robin',
  'random',
  'weighted-round-robin',
  'weighted-random',
  'least-loaded',
  'consistent-hash',
  'first',
  'last',
  'least-recently-used',
]
const moment = { now: T0, chance: () => 0.4 }

function world({ slots = 100_000 } = {}) {
  const state = emptyState()
  let index = 0
  let fires = 0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>) =>
    apply(state, { index: ++index, term: 1, command: { at: T0, ...command } as Command })
  run({ kind: 'cluster-init', cluster: 'c', namespaceSlots: slots })
  run({ kind: 'node-up', node: 'n', incarnation: 1 })
  const namespace = state.namespaceNames.get('default') ?? 0
  run({ kind: 'service-put', namespace, name: 'work', change: { description: '', allowedHosts: [] } })
  const service = [...state.services.keys()][0] ?? 0
  return {
    state,
    run,
    service,
    executor: (id: string): Executor | undefined => state.executors.get(service)?.get(id),
    put(id: string, changes: Partial<ExecutorChange> = {}) {
      const change = {
        kind: 'static',
        url: `http://${id}/`,
        weight: 1,
        slots: 0,
        labels: {},
        status: 'online',
        ...changes,
      }
      run({ kind: 'executor-put', service, id, change })
    },
    remove: (id: string) => run({ kind: 'executor-delete', service, id }),
    job(name: string, spec: Partial<JobSpec>): Job {
      const resolved = resolveJob({ target: { kind: 'handler', service: 'work', handler: 'h' }, overlap: 'allow' })
      if (!resolved.ok) throw new Error('not a job')
      run({ kind: 'job-put', namespace, name, spec: { ...resolved.spec, ...spec }, schedules: [], spread: 0, by: 't' })
      return state.jobs.get(state.jobNames.get(`${namespace}/${name}`) ?? 0) as Job
    },
    fire(job: Job, place: string) {
      const fireTime = T0 + ++fires
      const id = scheduledRunId(job.uid, fireTime)
      const fire = { run: id, fireTime, dueTime: fireTime, schedules: ['s'], cause: 'schedule', place: [place] }
      run({ kind: 'decide-fires', node: 'n', decisions: [{ job: job.uid, version: job.version, fires: [fire] }] })
      return id
    },
    finish(id: string, more: object = { outcome: 'succeeded' }) {
      const attempt = state.runs.get(id)?.shards[0]?.attempt?.id
      const job = state.runs.get(id)?.job
      if (attempt === undefined) return
      const finish = { attempt, job, endedAt: T0, retryable: false, chance: 0, ...more }
      run({ kind: 'attempts-finished', finishes: [finish] })
    },
  }
}

test('a board that is kept chooses as one that is made anew, whatever became of the executors meanwhile', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const steps = fc.array(
    fc.oneof(
      fc.record({
        do: fc.constant('put' as const),
        id: ids,
        change: fc.record({
          weight: fc.nat(3),
          slots: fc.nat(2),
          status: fc.constantFrom('online' as const, 'offline' as const, 'draining' as const),
          labels: fc.constantFrom({}, { zone: 'x' }),
        }),
      }),
      fc.record({ do: fc.constant('remove' as const), id: ids }),
      fc.record({ do: fc.constant('fire' as const), job: fc.nat(STRATEGIES.length - 1) }),
      fc.record({ do: fc.constant('finish' as const), run: fc.nat(30), failed: fc.boolean() }),
    ),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(steps, (list) => {
      const w = world()
      for (const id of ['a', 'b', 'c']) w.put(id, { slots: 2 })
      const jobs = STRATEGIES.map((strategy, at) => {
        const labels = at % 2 === 0 ? {} : { zone: 'x' }
        return w.job(strategy, { routing: { strategy, labels: strategy === 'round-robin' ? { zone: 'x' } : labels } })
      })
      const kept = new Board(w.state)
      const runs: string[] = []
      for (const step of list) {
        if (step.do === 'put') w.put(step.id, step.change)
        else if (step.do === 'remove') w.remove(step.id)
        else if (step.do === 'finish') {
          const failed = { outcome: 'refused', connectionFailed: true }
          w.finish(runs[step.run] ?? '', step.failed ? failed : undefined)
        } else {
          const job = jobs[step.job] as Job
          kept.begin(w.state)
          const chosen = kept.choose(job, moment)
          if (typeof chosen === 'string') runs.push(w.fire(job, chosen))
        }
        kept.begin(w.state)
        const fresh = new Board(w.state)
        for (const job of jobs) expect(kept.choose(job, moment)).toEqual(fresh.choose(job, moment))
      }
    }),
    { numRuns: 200 },
  )
})

describe('the turn of a job', () => {
  test('goes on where it was on a new leader, and retries do not advance it', () => {
    const w = world()
    for (const id of ['a', 'b', 'c']) w.put(id)
    const job = w.job('j', {})
    const chosen = Array.from({ length: 6 }, () => {
      const executor = new Board(w.state).choose(job, moment) as string
      w.finish(w.fire(job, executor))
      return executor
    })
    expect(new Set(chosen.slice(0, 3)).size).toBe(3)
    expect(chosen.slice(3)).toEqual(chosen.slice(0, 3))
  })

  test('is one further for every run of the same batch', () => {
    const w = world()
    for (const id of ['a', 'b', 'c']) w.put(id)
    const job = w.job('j', {})
    const board = new Board(w.state)
    expect(new Set([1, 2, 3].map(() => board.choose(job, moment))).size).toBe(3)
  })
})

test('S068 an executor that is taken off line gets nothing, and gets its turns again once it is back', () => {
  const w = world()
  for (const id of ['a', 'b']) w.put(id)
  const job = w.job('j', {})
  const board = new Board(w.state)
  const six = () => {
    board.begin(w.state)
    return new Set([1, 2, 3, 4, 5, 6].map(() => board.choose(job, moment)))
  }
  for (const status of ['offline', 'draining'] as const) {
    w.put('b', { status })
    expect(six()).toEqual(new Set(['a']))
    w.put('b')
    expect(six()).toEqual(new Set(['a', 'b']))
  }
})

test('S027 a namespace has its own slots: one that is full keeps no other from running', () => {
  const w = world({ slots: 1 })
  w.put('a')
  const job = w.job('j', {})
  const board = new Board(w.state)
  expect(board.choose(job, moment)).toBe('a')
  expect(board.choose(job, moment)).toEqual({ none: 'no-slot', bar: 'quota' })
  w.run({ kind: 'namespace-put', name: 'other', change: { description: '', slots: 1, queuedRunsMax: 9 } })
  expect(board.freeSlots(w.state.namespaceNames.get('other') ?? 0)).toBe(1)
})

test('whoever has neither an executor nor a slot waits for the executor first', () => {
  const w = world({ slots: 1 })
  w.put('a')
  const board = new Board(w.state)
  expect(board.choose(w.job('j', {}), moment)).toBe('a')
  expect(board.choose(w.job('k', { routing: { strategy: 'first', labels: { zone: 'x' } } }), moment)).toEqual({
    none: 'no-executor',
  })
})

describe('when nobody can be given a run', () => {
  test.each<[string, Partial<ExecutorChange>, string]>([
    ['all are busy', { slots: 1 }, 'no-slot'],
    ['none is online', { status: 'offline' }, 'no-executor'],
    ['none has the labels', { labels: { zone: 'y' } }, 'no-executor'],
    ['none has a weight', { weight: 0 }, 'no-executor'],
  ])('because %s, the reason is said', (_, change, none) => {
    const w = world()
    w.put('a', { labels: { zone: 'x' }, ...change })
    const job = w.job('j', { routing: { strategy: 'round-robin', labels: { zone: 'x' } } })
    const board = new Board(w.state)
    if (none === 'no-slot') board.choose(job, moment)
    expect(board.choose(job, moment)).toEqual({ none })
  })

  test('because all breakers are open, it waits for them', () => {
    const w = world()
    w.put('a')
    const job = w.job('j', { failover: false })
    for (let i = 0; i < 5; i++) w.finish(w.fire(job, 'a'), { outcome: 'refused', connectionFailed: true })
    expect(w.executor('a')?.breaker?.state).toBe('open')
    expect(new Board(w.state).choose(job, moment)).toEqual({ none: 'no-slot' })
  })
})

test('an executor that is half open gets one attempt until that has ended, by whomever it is planned', () => {
  const w = world()
  w.put('a')
  const job = w.job('j', { failover: false })
  for (let i = 0; i < 5; i++) w.finish(w.fire(job, 'a'), { outcome: 'refused', connectionFailed: true })
  w.run({ kind: 'breakers-half-open', at: T0 + 10_000, executors: [{ service: w.service, id: 'a' }] })
  const board = new Board(w.state)
  expect(board.choose(job, moment)).toBe('a')
  expect(board.choose(job, moment)).toEqual({ none: 'no-slot' })
  const trial = w.fire(job, 'a')
  const second = w.fire(job, 'a')
  expect([w.state.runs.get(trial)?.state, w.state.runs.get(second)?.state]).toEqual(['running', 'queued'])
  board.begin(w.state)
  expect(board.choose(job, moment)).toEqual({ none: 'no-slot' })
  w.finish(trial, { outcome: 'failed', status: 500 })
  expect(w.executor('a')?.breaker).toBeUndefined()
  board.begin(w.state)
  expect(board.choose(job, moment)).toBe('a')
})

test('consistent-hash keeps runs with the same key together, by their own parameters', () => {
  const w = world()
  for (let i = 0; i < 20; i++) w.put(`e${i}`)
  const routing = { strategy: 'consistent-hash' as const, labels: {}, key: 'tenant-{{params.tenant}}' }
  const jobs = [w.job('one', { routing }), w.job('two', { routing })]
  const board = new Board(w.state)
  const homes = (tenant: string) => new Set(jobs.map((job) => board.choose(job, { ...moment, params: { tenant } })))
  const tenants = Array.from({ length: 30 }, (_, at) => homes(`t${at}`))
  expect(tenants.every((those) => those.size === 1)).toBe(true)
  expect(new Set(tenants.flatMap((those) => [...those])).size).toBeGreaterThan(5)
})

test('only least-recently-used writes down when an executor was used', () => {
  const w = world()
  w.put('a')
  w.finish(w.fire(w.job('plain', {}), 'a'))
  expect(w.executor('a')?.lastToken).toBeUndefined()
  const id = w.fire(w.job('lru', { routing: { strategy: 'least-recently-used', labels: {} } }), 'a')
  expect(w.executor('a')?.lastToken).toBe(w.state.runs.get(id)?.shards[0]?.attempt?.fencingToken)
})
