import { describe, expect, test } from 'vitest'
import { BACKFILL_FIRES_MAX, BACKFILLS_MAX } from '../runs/backfill.ts'
import { backfillRunId } from '../runs/ids.ts'
import { World } from './lineage-world.test-helper.ts'

const DAY = 86_400_000

function backfill(world: World, name: string, count: number, more: object = {}) {
  const fires = Array.from({ length: count }, (_, i) => ({ fireTime: i * DAY, schedules: ['daily'] }))
  const range = { from: 0, to: count * DAY, fires, parallel: 1, by: 'ada' }
  return world.run({ kind: 'backfill-start', backfill: 'b1', job: world.jobNamed(name).uid, ...range, ...more })
}

describe('a backfill', () => {
  test('queues its first run, and each next one in the entry that ends the one before', () => {
    const world = new World()
    world.job('x', [], { params: { a: 1, b: 1 } })
    backfill(world, 'x', 3, { params: { b: 2 } })
    for (let i = 0; i < 3; i++) {
      const [run, ...others] = world.openOf('x')
      expect(others).toEqual([])
      expect(run).toMatchObject({
        id: backfillRunId('b1', i * DAY),
        cause: 'backfill',
        state: 'queued',
        fireTime: i * DAY,
        schedules: ['daily'],
        params: { a: 1, b: 2 },
        backfill: 'b1',
        requestedBy: 'ada',
      })
      world.end(world.place(run?.id ?? ''), i === 1 ? 'failed' : 'succeeded')
    }
    expect(world.state.backfills.get('b1')).toMatchObject({
      state: 'done',
      waiting: [],
      open: [],
      total: 3,
      ended: { succeeded: 2, failed: 1 },
      endedAt: world.now,
    })
  })

  test('keeps as many open at once as was asked for, whatever the overlap policy', () => {
    const world = new World()
    world.job('x', [], { overlap: 'skip' })
    backfill(world, 'x', 10, { parallel: 4 })
    expect(world.openOf('x')).toHaveLength(4)
    world.run({ kind: 'runs-expired', runs: [{ id: backfillRunId('b1', 0), why: 'queue-ttl' }] })
    expect(world.openOf('x')).toHaveLength(4)
    expect(world.state.backfills.get('b1')).toMatchObject({ ended: { skipped: 1 }, state: 'active' })
    expect(world.ended).toMatchObject([{ state: 'skipped', reason: 'expired', backfill: 'b1' }])
  })

  test('runs an instant once, however often it is named', () => {
    const world = new World()
    world.job('x', [], { overlap: 'allow' })
    const fires = [0, DAY, DAY].map((fireTime) => ({ fireTime, schedules: ['daily'] }))
    backfill(world, 'x', 3, { fires, parallel: 3 })
    expect(world.openOf('x').map(({ id }) => id)).toEqual([backfillRunId('b1', 0), backfillRunId('b1', DAY)])
    expect(world.state.backfills.get('b1')).toMatchObject({ total: 2, waiting: [] })
  })

  test('starts its runs one after the other unless the job, or the backfill itself, lets them overlap', () => {
    const world = new World()
    world.job('x', [], { overlap: 'skip' })
    const running = () => world.openOf('x').filter(({ state }) => state === 'running').length
    const begin = (id: string) => {
      for (let i = 0; i < 3; i++) world.place(backfillRunId(id, i * DAY))
      return running()
    }
    backfill(world, 'x', 3, { parallel: 3 })
    expect(begin('b1')).toBe(1)
    backfill(world, 'x', 3, { parallel: 3, backfill: 'b2', overlap: 'allow' })
    expect(begin('b2')).toBe(4)
  })

  test('makes no more runs than may wait in the namespace, and goes on when one has left the queue', () => {
    const world = new World()
    const limit = (queuedRunsMax: number) =>
      world.run({ kind: 'namespace-put', name: 'default', change: { description: '', slots: 1000, queuedRunsMax } })
    const open = (state: string) => world.openOf('x').filter((run) => run.state === state).length
    limit(3)
    world.job('x', [], { overlap: 'allow' })
    world.job('y')
    backfill(world, 'x', 8, { parallel: 100 })
    backfill(world, 'y', 1, { backfill: 'b2' })
    expect([open('queued'), world.openOf('y').length]).toEqual([3, 0])
    expect(world.state.backfills.get('b2')).toMatchObject({ state: 'active', open: [], ended: { skipped: 0 } })
    world.place(backfillRunId('b1', 0))
    expect([open('running'), open('queued')]).toEqual([1, 3])
    world.run({ kind: 'runs-expired', runs: [{ id: backfillRunId('b1', DAY), why: 'queue-ttl' }] })
    expect(open('queued')).toBe(3)
    limit(5)
    expect([open('queued'), world.openOf('y').length]).toEqual([5, 0])
    expect(world.state.backfills.get('b1')?.waiting).toHaveLength(1)
    for (let i = 2; i < 8; i++) world.end(world.place(backfillRunId('b1', i * DAY)))
    world.end(backfillRunId('b1', 0))
    world.end(world.place(backfillRunId('b2', 0)))
    expect([...world.state.backfills.values()].map(({ state, ended }) => [state, ended.succeeded])).toEqual([
      ['done', 7],
      ['done', 1],
    ])
  })

  test('that is cancelled drops what waits and leaves alone what runs', () => {
    const world = new World()
    world.job('x')
    backfill(world, 'x', 10, { parallel: 2 })
    world.place(backfillRunId('b1', 0))
    world.run({ kind: 'backfill-cancel', backfill: 'b1', by: 'ada' })
    expect(world.openOf('x').map(({ id, state }) => [id, state])).toEqual([[backfillRunId('b1', 0), 'running']])
    expect(world.state.backfills.get('b1')).toMatchObject({ state: 'cancelled', waiting: [], ended: { cancelled: 1 } })
    world.end(backfillRunId('b1', 0))
    expect(world.state.backfills.get('b1')).toMatchObject({ state: 'cancelled', ended: { succeeded: 1 }, open: [] })
    expect(world.run({ kind: 'backfill-cancel', backfill: 'none', by: 'ada' }).rejection?.code).toBe(
      'backfill-not-found',
    )
  })

  test('goes with its job', () => {
    const world = new World()
    world.job('x')
    backfill(world, 'x', 10)
    world.run({ kind: 'job-delete', job: world.jobNamed('x').uid, force: true })
    expect([world.state.backfills.size, world.state.runs.size]).toEqual([0, 0])
    expect(world.ended).toMatchObject([{ state: 'cancelled' }])
  })

  test('covers no more fires than there may be', () => {
    const world = new World()
    world.job('x')
    backfill(world, 'x', BACKFILL_FIRES_MAX + 10)
    expect(world.state.backfills.get('b1')?.total).toBe(BACKFILL_FIRES_MAX)
  })

  test('asked for twice under one key is one', () => {
    const world = new World()
    world.job('x')
    const idempotency = { key: 'k', principal: 'p', bodyHash: 'h' }
    backfill(world, 'x', 2, { idempotency })
    expect(backfill(world, 'x', 2, { idempotency, backfill: 'b2' }).value).toEqual({ run: 'b1', replayed: true })
    expect(world.state.backfills.size).toBe(1)
  })

  test('is remembered until a hundred younger ones need its place; active ones never give way', () => {
    const world = new World()
    world.job('x')
    for (let i = 0; i < BACKFILLS_MAX; i++) backfill(world, 'x', 1, { backfill: `b${i}` })
    expect(backfill(world, 'x', 1, { backfill: 'more' }).rejection?.code).toBe('backfills-full')
    world.end(world.place(backfillRunId('b7', 0)))
    expect(backfill(world, 'x', 1, { backfill: 'more' }).rejection).toBeUndefined()
    expect([world.state.backfills.has('b7'), world.state.backfills.size]).toEqual([false, BACKFILLS_MAX])
  })
})
