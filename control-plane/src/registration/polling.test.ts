import { beforeEach, describe, expect, test } from 'vitest'
import { CALLS_MAX } from './poll-desk.ts'
import { PollWorld } from './poll-world.test-helper.ts'

let polls: PollWorld
beforeEach(() => {
  polls = new PollWorld()
})

const pass = (ms: number) => polls.world.clock.pass(ms)

describe('an executor that polls', () => {
  test('is online from its first poll on, is never pinged, and a heartbeat alone does not do it', async () => {
    polls.register('p1')
    await polls.world.elapse(5000, ['p1'])
    expect([polls.world.status('p1'), polls.world.asked]).toEqual(['joining', []])
    polls.poll('p1')
    await pass(0)
    expect(polls.world.status('p1')).toBe('online')
  })

  test('that is ordered online again is so at once when a poll of it hangs', async () => {
    await polls.online('p1')
    polls.poll('p1')
    for (const order of ['offline', 'online'] as const)
      polls.world.run({ kind: 'executor-order', at: 0, service: polls.world.service, id: 'p1', order })
    expect(polls.world.status('p1')).toBe('joining')
    await polls.world.elapse(200)
    expect(polls.world.status('p1')).toBe('online')
  })

  test('is told to register when it is not known, has a URL, or another process has its id', async () => {
    polls.world.register('e1')
    polls.register('p1', 'b2')
    for (const id of ['nobody', 'e1', 'p1']) {
      const polling = polls.poll(id)
      await pass(0)
      expect(polling.given).toEqual({ answer: 'register', calls: [] })
    }
  })

  test('waits as long as it says, and never so long that it would count as silent before the next poll', async () => {
    await polls.online('p1')
    const short = polls.poll('p1', { waitMs: 3000 })
    await pass(2999)
    expect(short.given).toBeUndefined()
    await pass(1)
    expect(short.given).toEqual({ answer: 'ok', calls: [] })
    const long = polls.poll('p1', { waitMs: 55_000 })
    await pass(20_000)
    expect(long.given).toEqual({ answer: 'ok', calls: [] })
  })

  test('is heard of by its polls: ten minutes of them write nothing', async () => {
    await polls.online('p1')
    const entries = polls.world.commands.length
    for (let i = 0; i < 30; i++) {
      polls.poll('p1')
      await polls.world.elapse(20_000)
    }
    expect([polls.world.status('p1'), polls.world.commands.length]).toEqual(['online', entries])
  })

  test('has one poll that hangs: a newer one ends it with no calls', async () => {
    await polls.online('p1')
    const older = polls.poll('p1')
    const newer = polls.poll('p1')
    await pass(0)
    expect(older.given?.calls).toEqual([])
    polls.place('p1')
    await pass(0)
    expect(newer.types).toEqual(['run.dispatch'])
  })
})

describe('a call', () => {
  test('leaves at once with the poll that hangs, as it would be sent to others, and counts as accepted', async () => {
    await polls.online('p1')
    const polling = polls.poll('p1')
    const run = polls.place('p1')
    await pass(0)
    const [call] = polling.given?.calls ?? []
    const { data } = JSON.parse(call?.body ?? '') as { data: Record<string, unknown> }
    expect(data).toMatchObject({ runId: run, executor: 'p1', respond: { mode: 'auto', waitMs: 0 } })
    expect(data['callback']).toMatchObject({ url: expect.stringContaining('/v1/attempts/') as string })
    expect(call?.headers).toMatchObject({
      'webhook-id': data['attemptId'],
      'webhook-signature': expect.stringMatching(/^v1,/) as string,
      'content-type': 'application/json',
    })
    const { attempt } = polls.shard(run) ?? {}
    expect((attempt?.leaseUntil ?? 0) - (attempt?.acceptedAt ?? 0)).toBe(30_000)
  })

  test('that comes between two polls is kept, and leaves with the next', async () => {
    await polls.online('p1')
    const runs = [polls.place('p1'), polls.place('p1')]
    await pass(1000)
    expect(polls.shard(runs[0] ?? '')?.attempt).not.toHaveProperty('acceptedAt')
    const polling = polls.poll('p1')
    await pass(0)
    expect(polling.types).toEqual(['run.dispatch', 'run.dispatch'])
    expect(polls.finished).toEqual([])
  })

  test(`is one of ${CALLS_MAX} at most: the rest comes with the next poll`, async () => {
    await polls.online('p1')
    for (let i = 0; i <= CALLS_MAX; i++) polls.place('p1')
    const first = polls.poll('p1')
    await pass(0)
    expect(first.given?.calls).toHaveLength(CALLS_MAX)
    const next = polls.poll('p1')
    await pass(0)
    expect(next.given?.calls).toHaveLength(1)
  })

  test('leaves in the turn in which its node was in touch, together with what else does', async () => {
    await polls.online('p1')
    const polling = polls.poll('p1')
    await Promise.resolve()
    for (let i = 0; i < 3; i++) polls.place('p1')
    for (let i = 0; i < 10; i++) await Promise.resolve()
    expect(polling.types).toHaveLength(3)
  })

  test('that waits for a poll takes no room from calls to others', async () => {
    await polls.online('p1')
    for (let i = 0; i < 3; i++) polls.place('p1')
    expect([polls.dispatcher.waiting, polls.dispatcher.waitingForPolls]).toEqual([3, 3])
    polls.poll('p1')
    await pass(0)
    expect([polls.dispatcher.waiting, polls.dispatcher.waitingForPolls]).toEqual([0, 0])
  })

  test('of an executor that has a URL by now is not kept for a poll', async () => {
    await polls.online('p1')
    const run = polls.place('p1')
    polls.world.register('p1', 'b1')
    const found = { service: polls.world.service, id: 'p1', boot: 'b1', status: 'online' as const }
    polls.world.run({ kind: 'executors-found', at: 0, executors: [found] })
    await pass(50)
    expect(polls.sent).toEqual([polls.shard(run)?.attempt?.id])
  })

  test('that nobody came for in time has not begun: it is placed anew, and no retry is used', async () => {
    await polls.online('p1')
    const run = polls.place('p1')
    for (let i = 0; i < 61; i++) await pass(1000)
    expect(polls.finished).toMatchObject([{ outcome: 'refused', error: { code: 'not-polled' } }])
    expect(polls.shard(run)).toMatchObject({ state: 'waiting', retries: 0 })
  })

  test('of an executor that has gone has not begun, and moves at once', async () => {
    await polls.online('p1')
    const run = polls.place('p1')
    const found = { service: polls.world.service, id: 'p1', boot: 'b1', status: 'suspect' as const }
    polls.world.run({ kind: 'executors-found', at: 0, executors: [found] })
    await pass(50)
    expect(polls.finished).toMatchObject([{ outcome: 'refused', error: { code: 'not-polled' } }])
    expect(polls.shard(run)).toMatchObject({ state: 'waiting', retries: 0 })
  })

  test('is not handed to another process than the executor is', async () => {
    await polls.online('p1')
    const old = polls.poll('p1', { waitMs: 20_000 })
    const found = { service: polls.world.service, id: 'p1', boot: 'b1', status: 'draining' as const }
    polls.world.run({ kind: 'executors-found', at: 0, executors: [found] })
    polls.register('p1', 'b2')
    const next = polls.poll('p1', { boot: 'b2' })
    await pass(0)
    expect(old.given?.calls).toEqual([])
    polls.place('p1')
    await pass(0)
    expect(next.types).toEqual(['run.dispatch'])
  })

  test('that is cancelled while its executor is at work is told of by its next poll', async () => {
    await polls.online('p1')
    const polling = polls.poll('p1')
    const run = polls.place('p1')
    await pass(0)
    expect(polling.types).toEqual(['run.dispatch'])
    polls.world.run({ kind: 'run-cancel', at: polls.world.clock.now(), run, by: 't' })
    const next = polls.poll('p1')
    await pass(0)
    expect(next.types).toEqual(['run.cancel'])
  })
})

describe('an answer that is lost', () => {
  /** Its lease ends, since nobody heard of the call. */
  function loseLease(run: string): void {
    const { attempt } = polls.shard(run) ?? {}
    const at = polls.world.clock.now()
    const error = { code: 'lease-ended', message: 'nothing was heard' }
    const ended = { outcome: 'uncertain' as const, endedAt: at, retryable: true, chance: 0, error }
    const job = polls.world.state.runs.get(run)?.job ?? 0
    polls.world.run({ kind: 'attempts-finished', at, finishes: [{ attempt: attempt?.id ?? '', job, ...ended }] })
  }

  test('has its run asked for again under `onUncertain: redispatch`, by a call that names the one that was lost', async () => {
    await polls.online('p1')
    polls.poll('p1')
    const run = polls.place('p1')
    await pass(0)
    const lost = polls.shard(run)?.attempt?.id
    loseLease(run)
    expect(polls.shard(run)).toMatchObject({ state: 'waiting', supersedes: [lost] })
    const next = polls.poll('p1')
    polls.placeAgain(run, 'p1')
    await pass(0)
    const { data } = JSON.parse(next.given?.calls[0]?.body ?? '{}') as { data?: { supersedes?: string[] } }
    expect(data?.supersedes).toEqual([lost])
  })

  test('ends its run under `onUncertain: fail`', async () => {
    polls.putJob({ onUncertain: 'fail' })
    await polls.online('p1')
    polls.poll('p1')
    const run = polls.place('p1')
    await pass(0)
    loseLease(run)
    expect(polls.shard(run)).toBeUndefined()
    expect(polls.finished).toEqual([])
  })
})

describe('a leader that leads no more', () => {
  test('ends the polls with none, and gives back what nobody took: it is placed anew at once', async () => {
    await polls.online('p1')
    await polls.online('p2')
    const run = polls.place('p1')
    const polling = polls.poll('p2')
    await pass(0)
    polls.world.follow()
    await pass(0)
    expect(polling.given).toEqual({ answer: 'ok', calls: [] })
    expect(polls.finished).toMatchObject([{ outcome: 'refused', error: { code: 'no-leader' } }])
    expect(polls.shard(run)).toMatchObject({ state: 'waiting', retries: 0, redispatches: 0 })
  })
})

describe('a poll that breaks off', () => {
  test('takes its executor out within three seconds, until it polls again', async () => {
    await polls.online('p1')
    const leaving = new AbortController()
    polls.poll('p1', { signal: leaving.signal })
    await polls.world.elapse(1000)
    leaving.abort()
    await polls.world.elapse(2500)
    expect(polls.world.status('p1')).toBe('suspect')
    polls.poll('p1')
    await pass(0)
    expect(polls.world.status('p1')).toBe('online')
  })

  test('keeps no timer once the node stops', async () => {
    await polls.online('p1')
    const leaving = new AbortController()
    polls.poll('p1', { signal: leaving.signal })
    leaving.abort()
    polls.world.registry.stop()
    expect(polls.world.clock.timers).toBe(0)
  })

  test('takes no call along, and does no harm to one that comes back', async () => {
    await polls.online('p1')
    const leaving = new AbortController()
    const gone = polls.poll('p1', { signal: leaving.signal })
    await polls.world.elapse(1000)
    leaving.abort()
    const run = polls.place('p1')
    await pass(500)
    expect(gone.given?.calls).toEqual([])
    const back = polls.poll('p1')
    await polls.world.elapse(3000)
    expect(back.types).toEqual(['run.dispatch'])
    expect([polls.world.status('p1'), polls.shard(run)?.attempt?.acceptedAt]).toEqual(['online', expect.any(Number)])
  })
})
