import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createExecutor } from './executor.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'
import { flush, passTime, polledCall, PollingPlane, SECRET, TIMES, VirtualClock } from './test-kit.ts'

const given = { token: 'cct_1', controlPlane: ['https://n1.example', 'https://n2.example'] }

let clock: VirtualClock
let plane: PollingPlane
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }

beforeEach(() => {
  clock = new VirtualClock()
  plane = new PollingPlane()
  vi.clearAllMocks()
})

const executorWith = () =>
  createExecutor({ service: 'billing', id: 'billing-1', secret: SECRET, clock, logger, fetch: plane.polled })
const pass = (ms: number) => passTime(clock, ms)
const asked = (verb: string) => plane.asked.filter(({ path }) => path.endsWith(verb))
const answer = (body: object) => plane.answerPoll(body)
const call = () => polledCall({}, { now: clock.now() })

describe('an outbox', () => {
  class Kept implements Outbox {
    readonly kept = new Map<string, OutboxEntry>()
    left: OutboxEntry[] = []
    put(entry: OutboxEntry): Promise<void> {
      this.kept.set(entry.attemptId, entry)
      return Promise.resolve()
    }
    delete(attemptId: string): Promise<void> {
      this.kept.delete(attemptId)
      return Promise.resolve()
    }
    /** How many were asked for. */
    read = 0
    async *entries(): AsyncGenerator<OutboxEntry> {
      for (const entry of this.left) {
        this.read++
        yield await Promise.resolve(entry)
      }
    }
  }

  test.each([0, 5000])('keeps outcomes until they are acknowledged, of handlers that take %i ms', async (ms) => {
    const outbox = new Kept()
    const wait = () => (ms === 0 ? 1 : new Promise((resolve) => void clock.after(ms, () => resolve(1))))
    const started = await executorWith()
      .job('report', wait)
      .listen({ ...given, outbox })
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    await answer({ calls: [call()] })
    await pass(ms + 2000)
    expect([...outbox.kept.values()]).toMatchObject([
      { runId: 'run1', attemptId: 'run1-0-1', callback: { token: 't1' }, body: { outcome: 'succeeded', result: 1 } },
    ])
    plane.answer = () => ({ body: { answer: 'continue' } })
    await pass(31_000)
    expect(outbox.kept.size).toBe(0)
    await started.stop()
  })

  test('holds what could not be reported when the process leaves, and the next one reports it', async () => {
    const outbox = new Kept()
    const first = await executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox })
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    await answer({ calls: [call()] })
    const stopped = first.stop()
    await pass(10_000)
    await stopped
    expect([...outbox.kept.keys()]).toEqual(['run1-0-1'])
    plane.answer = () => ({ body: { answer: 'continue' } })
    outbox.left = [...outbox.kept.values()]
    const before = asked('/result').length
    const next = await executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox })
    await pass(1000)
    expect(asked('/result').slice(before)).toMatchObject([{ token: 't1', body: { outcome: 'succeeded', result: 1 } }])
    expect(outbox.kept.size).toBe(0)
    await next.stop()
  })

  const leftBehind = (count: number): OutboxEntry[] =>
    Array.from({ length: count }, (_, i) => ({
      runId: `old${i}`,
      attemptId: `old${i}-0-1`,
      callback: {
        url: `https://inside.example/v1/attempts/old${i}-0-1`,
        token: `t${i}`,
        expiresAt: '2027-01-01T00:00:00Z',
      },
      body: { outcome: 'succeeded' },
    }))

  test('that holds very much is read little by little, and what it holds is reported once each', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const outbox = new Kept()
    outbox.left = leftBehind(100)
    plane.answer = () => undefined
    const listening = executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox })
    await pass(10_000)
    const started = await listening
    expect(outbox.read).toBe(16)
    expect(warned).not.toHaveBeenCalled()
    process.off('warning', warned)
    plane.answer = () => ({ body: { answer: 'ok', ...TIMES } })
    const before = asked('/result').length
    await pass(11_000)
    const said = asked('/result').slice(before)
    expect(new Set(said.map(({ token }) => token)).size).toBe(100)
    expect(said).toHaveLength(100)
    await started.stop()
  })

  test('that nobody takes holds up the leaving for 5 s, and no longer, whatever else is reported', async () => {
    const outbox = new Kept()
    outbox.left = leftBehind(20)
    plane.answer = ({ path }) => (path.endsWith('/result') ? undefined : { body: { answer: 'ok', ...TIMES } })
    const wait = () => new Promise((resolve) => void clock.after(3000, () => resolve(1)))
    const listening = executorWith()
      .job('report', wait)
      .listen({ ...given, outbox })
    await pass(6000)
    const started = await listening
    await answer({ calls: [call()] })
    await pass(4000)
    let hasLeft = false
    const left = started.stop().then(() => (hasLeft = true))
    await pass(4500)
    expect(hasLeft).toBe(false)
    await pass(1000)
    expect(hasLeft).toBe(true)
    await left
    const all = asked('/result').length
    await pass(60_000)
    expect(asked('/result')).toHaveLength(all)
    expect(outbox.read).toBe(16)
  })

  test('is tried every 10 s at least, so that a result comes before its lease is over once somebody answers', async () => {
    const outbox = new Kept()
    outbox.left = leftBehind(1)
    plane.answer = () => undefined
    const listening = executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox })
    await pass(600_000)
    const started = await listening
    plane.answer = () => ({ body: { answer: 'ok', ...TIMES } })
    const before = asked('/result').length
    await pass(10_500)
    expect(asked('/result').length).toBe(before + 1)
    await started.stop()
  })

  test('that cannot be written holds up no report', async () => {
    const unread = (): AsyncIterable<OutboxEntry> => ({ [Symbol.asyncIterator]: () => ({ next: fails }) })
    const broken = { put: fails, delete: fails, entries: unread }
    const started = await executorWith()
      .job('report', () => 1)
      .listen({ ...given, outbox: broken })
    await answer({ calls: [call()] })
    await flush()
    expect(asked('/result')).toHaveLength(1)
    expect(logger.error).toHaveBeenCalled()
    await started.stop()
  })

  const fails = () => Promise.reject(new Error('disk full'))
})
