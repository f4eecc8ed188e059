import type { ExecutorClock } from './clock.ts'
import { randomId, type SignedCall } from './testing-call.ts'
import { TestPolls } from './testing-polls.ts'

/** Where attempts of a harness report to. */
const BASE = 'http://control-plane.test'
/** Reports kept of one attempt. */
const REPORTS_MAX = 10_000

/** What an executor reported of an attempt, in order. */
export interface Report {
  verb: 'heartbeat' | 'logs' | 'result'
  body: Record<string, unknown>
}

/** An attempt that may report. */
export interface Watched {
  callback: { url: string; token: string; expiresAt: string }
  reports: Report[]
  /** What was reported as its result, once it was. */
  result: Promise<Record<string, unknown>>
  /** What heartbeats are answered from now on. */
  say(answer: 'cancel' | 'lease-lost'): void
}

/** A control plane in memory: takes what executors report of attempts that they accepted with 202, and hands them calls. */
export interface TestControlPlane {
  /** Where executors that listen find it: the `controlPlane` of `listen`, with any token. */
  readonly url: string
  /** Give it to `createExecutor` as its `fetch`. */
  readonly fetch: typeof fetch
  /** Expects reports of an attempt. The harness calls it. */
  watch(attemptId: string, deadlineMs: number, clock: ExecutorClock): Watched
  /** Hands a call to the next poll. The harness calls it. */
  hand(call: SignedCall): void
  /** What the executor that listens has announced. */
  handlers(): { name: string }[]
}

/**
 * A control plane for an executor and its harness.
 * @example
 * const [secret, controlPlane] = [testSecret(), testControlPlane()]
 * const billing = createExecutor({ service: 'billing', secret, fetch: controlPlane.fetch, reportLater: true })
 * const app = harness(billing, { service: 'billing', secret, controlPlane, waitMs: 10 })
 */
export function testControlPlane(): TestControlPlane {
  const attempts = new Map<string, { token: string; take: (report: Report) => object }>()
  const polls = new TestPolls()
  return {
    url: BASE,
    hand: (call) => polls.hand(call),
    handlers: () => polls.handlers,
    watch(attemptId, deadlineMs, clock) {
      const token = randomId()
      const reports: Report[] = []
      let answer = 'continue'
      let settle!: (result: Record<string, unknown>) => void
      const result = new Promise<Record<string, unknown>>((resolve) => {
        settle = resolve
      })
      const expiresAt = new Date(deadlineMs + 86_400_000).toISOString()
      const take = (report: Report) => {
        if (reports.length < REPORTS_MAX) reports.push(report)
        if (report.verb === 'result') settle(report.body)
        const { extendMs } = report.body
        const granted = typeof extendMs === 'number' ? { deadline: new Date(clock.now() + extendMs).toISOString() } : {}
        return { answer, leaseTtlMs: 30_000, ...granted }
      }
      attempts.set(attemptId, { token, take })
      const callback = { url: `${BASE}/v1/attempts/${attemptId}`, token, expiresAt }
      return { callback, reports, result, say: (next) => void (answer = next) }
    },
    async fetch(input, init) {
      const request = new Request(input, init)
      const [, attemptId = '', verb] = /^\/v1\/attempts\/([^/]+)\/(heartbeat|logs|result)$/.exec(pathOf(request)) ?? []
      const attempt = attempts.get(attemptId)
      if (!attempt && attemptId === '')
        return (await polls.answer(pathOf(request), request)) ?? problem(404, 'not-found')
      if (!attempt) return problem(404, 'not-found')
      if (request.headers.get('authorization') !== `Bearer ${attempt.token}`) return problem(401, 'unauthorized')
      const body = (await request.json()) as Report['body']
      return Response.json(attempt.take({ verb: verb as Report['verb'], body }))
    },
  }
}

function pathOf({ url }: Request): string {
  return url.startsWith(BASE) ? new URL(url).pathname : ''
}

function problem(status: number, code: string): Response {
  return Response.json({ type: 'about:blank', title: code, status, code }, { status })
}
