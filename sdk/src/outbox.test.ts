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
    entries(): Promise<OutboxEntry[]> {
      return Promise.resolve(this.left)
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

  test('that cannot be written holds up no report', async () => {
    const broken = { put: fails, delete: fails, entries: fails }
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
