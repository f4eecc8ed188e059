import { describe, expect, test } from 'vitest'
import type { AttemptOutcome, Shard } from '../runs/run.ts'
import { digestAfter } from './digest.ts'
import { plans, ShardWorld } from './shard-world.test-helper.ts'

const SHARDED = { routing: { strategy: 'sharded' }, sharding: { count: 3 } }
const BROADCAST = { routing: { strategy: 'broadcast' } }

function world({ slots = 0 } = {}): ShardWorld {
  const w = new ShardWorld()
  for (const id of ['e1', 'e2', 'e3']) w.executor(id, { slots })
  return w
}

describe('placement', () => {
  test('a run starts in the entry that decides its fire, one attempt and one slot for each part', () => {
    const w = world()
    const run = w.fire(w.job(SHARDED), plans('e1', 'e2', 'e3'))
    expect(w.open(run)).toMatchObject({ state: 'running', partsLeft: 3 })
    expect(w.open(run).shards.map(({ items, placedOn }) => [items, placedOn])).toEqual([
      [['0'], 'e1'],
      [['1'], 'e2'],
      [['2'], 'e3'],
    ])
    expect([w.held('e1'), w.held('e2'), w.held('e3'), w.namespaceHeld]).toEqual([1, 1, 1, 3])
    const tokens = w.open(run).shards.map(({ attempt }) => attempt?.fencingToken)
    expect(new Set(tokens).size).toBe(3)
  })

  test('partial: parts without a slot wait with the same items, and are placed by later entries', () => {
    const w = world({ slots: 1 })
    const job = w.job(SHARDED)
    const run = w.fire(job, plans('e1', 'e1', '-'))
    expect(w.open(run).shards.map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting'])
    expect(w.applied.at(-1)?.events.filter(({ type }) => type === 'shard-waiting')).toHaveLength(2)
    expect(job.progress.startedRuns).toBe(1)
    expect(w.place(run, 1, 'e1')).toBe('queued')
    expect(w.place(run, 1, 'e2')).toBe('started')
    expect(w.place(run, 1, 'e3')).toBe('stale')
    expect(w.shard(run, 1)).toMatchObject({ items: ['1'], placedOn: 'e2' })
    expect(job.progress.startedRuns).toBe(1)
  })

  test('S080 all: nothing begins until every part has a slot', () => {
    const w = world({ slots: 1 })
    const job = w.job({ ...SHARDED, placement: 'all' })
    const run = w.fire(job, plans('e1', 'e1', 'e2'))
    expect(w.open(run)).toMatchObject({ state: 'queued', shards: [] })
    expect(w.split(run, plans('e1', 'e2', 'e2'))).toBe('queued')
    expect(w.namespaceHeld).toBe(0)
    expect(w.split(run, plans('e1', 'e2', 'e3'))).toBe('started')
    expect(w.namespaceHeld).toBe(3)
  })

  test('a run for which no part has a slot stays in the queue without parts, and is split anew', () => {
    const w = world()
    const run = w.fire(w.job(SHARDED))
    expect(w.open(run)).toMatchObject({ state: 'queued', shards: [] })
    expect(w.split(run, plans('-', '-', '-'))).toBe('queued')
    expect(w.split(run, plans('e1', 'e1', 'e1'))).toBe('started')
    expect(w.split(run, plans('e2', 'e2', 'e2'))).toBe('stale')
    expect(w.held('e1')).toBe(3)
  })

  test('an executor that is not well counts as none: with all of them so, nothing begins', () => {
    const w = world()
    const job = w.job(SHARDED)
    const executors = [...(w.state.executors.get(w.service)?.values() ?? [])]
    for (const executor of executors) executor.health = 'unhealthy'
    expect(w.open(w.fire(job, plans('e1', 'e2', 'e3')))).toMatchObject({ state: 'queued', shards: [] })
    delete executors[0]?.health
    const run = w.fire(job, plans('e1', 'e2', 'e3'))
    expect(w.open(run).shards.map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting'])
  })

  test('the slots of the namespace count for each part', () => {
    const w = new ShardWorld({ slots: 2 })
    w.executor('e1')
    const run = w.fire(w.job(SHARDED), plans('e1', 'e1', 'e1'))
    expect(w.open(run).shards.map(({ state }) => state)).toEqual(['running', 'running', 'waiting'])
    w.finish(run, 0, 'succeeded')
    expect(w.place(run, 2, 'e1')).toBe('started')
    expect(w.namespaceHeld).toBe(2)
  })

  test('a queued run of a job that is no longer split runs whole, and the other way round', () => {
    const w = world()
    const job = w.job(SHARDED)
    const run = w.fire(job)
    w.job({})
    expect(
      w.run({ kind: 'place-shards', node: 'n', placements: [{ run, shard: 0, attempts: 0, executor: 'e1' }] }).value
        ?.fires,
    ).toEqual(['started'])
    const whole = w.fire(job)
    w.job(SHARDED)
    expect(w.place(whole, 0, 'e1')).toBe('stale')
    expect(w.split(whole, plans('e1', 'e2'))).toBe('started')
    expect(w.open(whole).shards).toHaveLength(2)
  })
})

describe('how a run of several shards ends', () => {
  const cases: [AttemptOutcome[], string, string?][] = [
    [['succeeded', 'succeeded', 'succeeded'], 'succeeded'],
    [['succeeded', 'skipped', 'succeeded'], 'succeeded'],
    [['skipped', 'skipped', 'skipped'], 'skipped'],
    [['succeeded', 'failed', 'succeeded'], 'failed', '1 of 3'],
    [['timed-out', 'failed', 'succeeded'], 'failed', '2 of 3'],
    [['timed-out', 'cancelled', 'succeeded'], 'timed-out', '2 of 3'],
    [['cancelled', 'succeeded', 'succeeded'], 'cancelled', '1 of 3'],
  ]
  test.each(cases)('S063 %j ends it %s', (outcomes, state, message) => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, failover: false }), plans('e1', 'e2', 'e3'))
    outcomes.forEach((outcome, shard) => w.finish(run, shard, outcome))
    expect(w.ended(run)).toMatchObject({ state, shardEnds: outcomes.map((outcome, index) => ({ index, outcome })) })
    expect(w.ended(run)?.error?.message).toEqual(message === undefined ? undefined : expect.stringContaining(message))
    expect(w.namespaceHeld).toBe(0)
  })

  test('an executor that went with the work, and no failover: that shard is lost, and so is the run', () => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, failover: false }), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'uncertain')
    w.removeExecutor('e1')
    expect(w.place(run, 0, 'e2')).toBe('skipped')
    w.finish(run, 1, 'failed')
    w.finish(run, 2, 'succeeded')
    expect(w.ended(run)).toMatchObject({ state: 'lost', shardEnds: [{ outcome: 'uncertain' }, {}, {}] })
  })

  test('a shard that failed stops no other, and the run is open until the last has ended', () => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, failover: false }), plans('e1', 'e2', 'e3'))
    w.finish(run, 1, 'failed', { error: { code: 'boom', message: 'x'.repeat(5000) } })
    expect(w.open(run).shards.map(({ state }) => state)).toEqual(['running', 'failed', 'running'])
    expect(w.shard(run, 1).ended).toMatchObject({ executor: 'e2', outcome: 'failed', error: { code: 'boom' } })
    expect(w.shard(run, 1).ended?.error?.message.length).toBeLessThan(1000)
    expect([w.held('e2'), w.namespaceHeld]).toEqual([0, 2])
    w.finish(run, 0, 'succeeded')
    w.finish(run, 2, 'succeeded')
    expect(w.ended(run)?.error).toMatchObject({ code: 'shards-failed' })
  })

  test('what each shard gave back stands in the row of its last attempt', () => {
    const w = world()
    const run = w.fire(w.job(SHARDED), plans('e1', 'e2', 'e3'))
    for (const shard of [2, 0, 1]) w.finish(run, shard, 'succeeded', { result: { shard } })
    expect(w.ended(run)).not.toHaveProperty('result')
    expect(w.attempts(run).map(({ shard, result }) => [shard, result])).toEqual([
      [2, { shard: 2 }],
      [0, { shard: 0 }],
      [1, { shard: 1 }],
    ])
  })

  test('onUncertain fail: one shard of unknown outcome ends the run lost at once, and the others are broken off', () => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, onUncertain: 'fail' }), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'succeeded')
    const { events } = w.finish(run, 1, 'uncertain')
    expect(events).toContainEqual(expect.objectContaining({ type: 'attempt-aborted', attempt: `${run}-2-1` }))
    expect(w.ended(run)).toMatchObject({
      state: 'lost',
      shardEnds: [{ outcome: 'succeeded' }, { outcome: 'uncertain' }, { outcome: 'cancelled', executor: 'e3' }],
    })
    expect(w.namespaceHeld).toBe(0)
  })

  test('a run that is cancelled or times out takes all its shards with it, those that waited too', () => {
    const w = world({ slots: 1 })
    const job = w.job(SHARDED)
    const cancelled = w.fire(job, plans('e1', '-', '-'))
    w.run({ kind: 'run-cancel', run: cancelled, by: 't' })
    expect(w.ended(cancelled)).toMatchObject({ state: 'cancelled', attempts: 1 })
    expect(w.ended(cancelled)?.shardEnds?.map(({ outcome }) => outcome)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ])
    const late = w.fire(job, plans('e1', 'e2', '-'))
    w.run({ kind: 'runs-expired', runs: [{ id: late, why: 'run-timeout' }] })
    expect(w.ended(late)).toMatchObject({ state: 'timed-out' })
    expect(w.ended(late)?.shardEnds?.map(({ outcome }) => outcome)).toEqual(['timed-out', 'timed-out', 'timed-out'])
    expect(w.namespaceHeld).toBe(0)
  })
})

describe('takeover', () => {
  test('S065 every failed shard is taken over, not only the first: no run succeeds by the shards that did not fail', () => {
    const w = world()
    const run = w.fire(w.job(SHARDED), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'succeeded')
    w.finish(run, 1, 'failed')
    w.finish(run, 2, 'failed')
    expect(w.open(run).shards.map(({ state, tried }) => [state, tried])).toEqual([
      ['succeeded', []],
      ['waiting', ['e2']],
      ['waiting', ['e3']],
    ])
    expect(w.namespaceHeld).toBe(0)
    w.place(run, 1, 'e1')
    w.finish(run, 1, 'succeeded')
    expect(w.ended(run)).toBeUndefined()
    w.place(run, 2, 'e1')
    w.finish(run, 2, 'succeeded')
    expect(w.ended(run)).toMatchObject({ state: 'succeeded', attempts: 5 })
    expect(w.ended(run)?.shardEnds?.map(({ executor }) => executor)).toEqual(['e1', 'e1', 'e1'])
  })

  test('an executor that takes over has retries of its own, also where the one before refused after it had failed', () => {
    const w = world()
    const run = w.fire(w.job({ retry: { max: 2, delay: '1s' } }), undefined, ['e1'])
    const ends = (executor: string, outcome: 'failed' | 'refused') => {
      if (w.shard(run, 0).state === 'waiting') w.place(run, 0, executor)
      w.finish(run, 0, outcome)
    }
    for (const outcome of ['failed', 'failed', 'refused'] as const) ends('e1', outcome)
    for (let times = 0; times < 3; times++) ends('e2', 'failed')
    expect(w.attempts(run).map(({ executor, next }) => [executor, next])).toEqual([
      ['e1', 'retry'],
      ['e1', 'retry'],
      ['e1', 'failover'],
      ['e2', 'retry'],
      ['e2', 'retry'],
      ['e2', 'failover'],
    ])
  })

  test('executors that all refuse are asked anew as often as there are retries, and no oftener', () => {
    const w = world()
    const run = w.fire(w.job({ retry: { max: 2, delay: '1s' } }), undefined, ['e1'])
    for (let times = 0; times < 20 && !w.ended(run); times++) {
      const { state, placedOn, tried } = w.shard(run, 0)
      const next = placedOn ?? ['e1', 'e2', 'e3'].find((id) => !tried.includes(id))
      if (state === 'waiting') w.place(run, 0, next ?? '')
      w.finish(run, 0, 'refused')
    }
    expect(w.attempts(run).map(({ next }) => next)).toEqual([
      ...['failover', 'failover', 'retry'],
      ...['failover', 'failover', 'retry'],
      ...['failover', 'failover', 'done'],
    ])
    expect(w.ended(run)?.state).toBe('failed')
  })

  test('S065 a shard that fails on every executor fails its run, although takeover was tried', () => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, retry: { max: 1, delay: '1s' } }), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'succeeded')
    w.finish(run, 2, 'succeeded')
    for (const executor of ['e2', 'e3', 'e1']) {
      if (executor !== 'e2') w.place(run, 1, executor)
      w.finish(run, 1, 'failed')
      expect(w.shard(run, 1).retries).toBe(1)
      w.place(run, 1, executor)
      w.finish(run, 1, 'failed')
    }
    expect(w.ended(run)).toMatchObject({ state: 'failed', attempts: 8 })
    expect(w.ended(run)?.shardEnds?.[1]).toMatchObject({ outcome: 'failed', attempts: 6, items: ['1'] })
  })

  test('without failover a failed shard fails its run at once when the others have ended', () => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, failover: false }), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'succeeded')
    w.finish(run, 2, 'succeeded')
    w.finish(run, 1, 'failed')
    expect(w.ended(run)?.state).toBe('failed')
  })

  test('a retry keeps the slot while it waits, a takeover gives it back', () => {
    const w = world()
    const run = w.fire(w.job({ ...SHARDED, retry: { max: 1 } }), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'failed')
    expect([w.shard(run, 0).state, w.held('e1')]).toEqual(['waiting', 1])
    w.place(run, 0, 'e1')
    w.finish(run, 0, 'failed')
    expect([w.shard(run, 0).state, w.held('e1')]).toEqual(['waiting', 0])
  })

  test('a node that goes makes the shards that it called uncertain, each by itself', () => {
    const w = world()
    const run = w.fire(w.job(SHARDED), plans('e1', 'e2', 'e3'))
    w.finish(run, 0, 'succeeded')
    const [, one, two] = w.open(run).shards.map(({ attempt }) => attempt?.id)
    w.run({ kind: 'node-down', node: 'n', incarnation: 1 })
    expect(w.open(run).shards.map(({ state, supersedes }) => [state, supersedes])).toEqual([
      ['succeeded', []],
      ['waiting', [one]],
      ['waiting', [two]],
    ])
    expect(w.place(run, 1, 'e2')).toBe('started')
    expect(w.shard(run, 1).attempt).toMatchObject({ executor: 'e2', supersedes: [one], ordinal: 2 })
  })
})

describe('broadcast', () => {
  const everyone = ['e1', 'e2', 'e3'].map((executor) => ({ executor, bound: true }))

  test('every executor is a shard of its own, and a failed one moves nowhere', () => {
    const w = world()
    const run = w.fire(w.job({ ...BROADCAST, retry: { max: 1 } }), everyone)
    expect(w.open(run).shards.map(({ bound, placedOn }) => [bound, placedOn])).toEqual([
      ['e1', 'e1'],
      ['e2', 'e2'],
      ['e3', 'e3'],
    ])
    w.finish(run, 1, 'failed')
    expect(w.place(run, 1, 'e2')).toBe('started')
    w.finish(run, 1, 'failed')
    expect(w.shard(run, 1)).toMatchObject({ state: 'failed', tried: [] })
    w.finish(run, 0, 'succeeded')
    w.finish(run, 2, 'succeeded')
    expect(w.ended(run)).toMatchObject({ state: 'failed' })
  })

  test('an executor that went before it began has no part', () => {
    const w = world()
    w.removeExecutor('e2')
    const run = w.fire(w.job(BROADCAST), everyone)
    expect(w.open(run).shards.map(({ index, bound }) => [index, bound])).toEqual([
      [0, 'e1'],
      [1, 'e3'],
    ])
  })

  test('an executor that goes meanwhile fails its part, which says so', () => {
    const w = world()
    const run = w.fire(w.job({ ...BROADCAST, retry: { max: 1 } }), everyone)
    w.finish(run, 1, 'failed')
    w.executor('e2', { status: 'offline' })
    expect(w.place(run, 1, 'e2')).toBe('skipped')
    expect(w.shard(run, 1)).toMatchObject({ state: 'failed', ended: { outcome: 'refused' } })
    expect(w.shard(run, 1).ended?.error).toMatchObject({ code: 'executor-gone' })
  })

  test('one that is full waits for its own slot', () => {
    const w = world({ slots: 1 })
    const busy = w.fire(w.job({}, 'other'))
    w.place(busy, 0, 'e2')
    const run = w.fire(w.job(BROADCAST), everyone)
    expect(w.open(run).shards.map(({ state }) => state)).toEqual(['running', 'waiting', 'running'])
    expect(w.shard(run, 1).bound).toBe('e2')
    w.finish(busy, 0, 'succeeded')
    expect(w.place(run, 1, 'e2')).toBe('started')
  })
})

test('a thousand shards change one row each when they end: what one costs does not grow with the others', () => {
  const w = world()
  const run = w.fire(
    w.job({ ...SHARDED, sharding: { count: 1000, mode: 'per-item' } }),
    plans(...Array<string>(1000).fill('e1')),
  )
  for (let shard = 0; shard < 999; shard++) {
    const { changes } = w.finish(run, shard, 'succeeded')
    expect(changes.filter(({ kind }) => kind === 'run')).toEqual([])
    expect(changes.filter(({ kind }) => kind === 'shard')).toEqual([{ kind: 'shard', run, shard }])
  }
  w.finish(run, 999, 'succeeded')
  expect(w.ended(run)).toMatchObject({ state: 'succeeded', attempts: 1000 })
})

test('every field of a part changes the digest, by itself', () => {
  const w = world()
  const run = w.fire(w.job(SHARDED), plans('e1', 'e2', 'e3'))
  const shard = w.shard(run, 1)
  const changes: Partial<Shard>[] = [
    {},
    { state: 'waiting' },
    { bound: 'e2' },
    { placedOn: 'e9' },
    { attempts: 7 },
    { retries: 2 },
    { refusals: 1 },
    { retryAt: 5 },
    { redispatches: 1 },
    { supersedes: ['x'] },
    { tried: ['e1'] },
    { spent: ['e1'] },
    { retried: { e1: 1 } },
    { last: { outcome: 'failed' } },
    { ended: { outcome: 'failed' } },
  ]
  const digests = changes.map((change) => {
    w.open(run).shards[1] = { ...shard, ...change }
    return digestAfter(w.state, [{ kind: 'shard', run, shard: 1 }])
  })
  expect(new Set(digests).size).toBe(changes.length)
})
