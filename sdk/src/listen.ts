import type { ExecutorConfig } from './config.ts'
import { pause } from './control-plane.ts'
import { durationMs, type Duration } from './duration.ts'
import type { Executor } from './executor.ts'
import type { Outbox } from './outbox.ts'
import { announce, type RegistrationPort, type Started, type StartOptions } from './registration.ts'
import { type Reportable, Reports } from './reports.ts'

const POLL_WAIT = '25s'
const POLL_WAIT_MS_MAX = 55_000
/** How long outcomes of an earlier process may take before this one announces itself, in milliseconds; then both go on. */
const RESUME_MS = 5000
/** Answers to a call that say that it was not begun. */
const NOT_BEGUN = new Set([401, 404, 413, 421, 422, 429, 503])

/** How an executor announces itself that nothing can call. */
export interface ListenOptions extends Omit<StartOptions, 'url' | 'slots'> {
  /** Shards that it is given at once; 0 is unlimited. @default `concurrency` of the executor, or 10 */
  slots?: number | undefined
  /** How long a poll may hang, at most 55 s. Lower it below what proxies on the way allow. @default '25s' */
  pollWait?: Duration | undefined
  /** Keeps outcomes until they are acknowledged, so that they outlive the process. @default in memory */
  outbox?: Outbox | undefined
}

interface ListenPort extends RegistrationPort {
  executor: RegistrationPort['executor'] & Pick<Executor, 'receive'>
}

/** Announces an executor that asks for its calls; see `Executor.listen`. */
export async function listen(
  port: ListenPort,
  { pollWait = POLL_WAIT, outbox, ...options }: ListenOptions,
): Promise<Started> {
  const { config, executor } = port
  const waitMs = Math.min(durationMs(pollWait), POLL_WAIT_MS_MAX)
  // A poll hangs for its calls, not for their outcomes.
  config.reportLater = true
  config.outbox = outbox
  // The nodes that it knows can be reached from here; the one that called may not.
  config.nodesFirst = true
  config.controlPlane = [options.controlPlane ?? config.controlPlane].flat()
  const reports = new Reports(config)
  config.reports = Promise.resolve(reports)
  const take = (calls: unknown) => {
    for (const call of callsIn(calls)) void answer(executor, call, reports)
  }
  await resume(reports, config)
  return announce(port, { ...options, url: 'pull' }, { waitMs, take, reported: () => reports.drain() })
}

/** What an earlier process under this id left behind counts as lost once this one takes its place: it is reported before. */
async function resume(reports: Reports, { clock }: ExecutorConfig): Promise<void> {
  const resumed = new AbortController()
  void reports.resume().then(() => resumed.abort())
  await pause(clock, RESUME_MS, resumed.signal)
}

/** Hands a call to the executor, as an adapter would, and reports what it came to unless that is done later. */
async function answer(executor: Pick<Executor, 'receive'>, { headers, body }: Call, reports: Reports): Promise<void> {
  const bytes = new TextEncoder().encode(body)
  const call = { method: 'POST', body: bytes, header: (name: string) => headers[name] }
  const { status, body: text } = await executor.receive(call, { longLived: true })
  const { type, data, code, title, detail = title } = JSON.parse(text) as Reply
  if (status === 200 && type === 'run.result') {
    const { runId: _, attemptId: __, ...outcome } = data
    const attempt = attemptOf(body)
    if (attempt) await reports.report(attempt, outcome)
  } else if (NOT_BEGUN.has(status) && code !== 'abandoned') {
    const attempt = attemptOf(body)
    const error = { code, message: detail ?? `it answered ${status}` }
    // Nobody vouches for what the body of a call that is not signed says: only nodes that were named are told.
    if (attempt)
      await reports.report(
        { ...attempt, callback: { ...attempt.callback, url: '' } },
        { outcome: 'refused', status, error },
      )
  }
}

/** Which attempt a call is for, as far as its body says so. */
function attemptOf(body: string): Reportable | undefined {
  try {
    const { type, data } = JSON.parse(body) as { type: unknown; data: Reportable }
    const { runId, attemptId, callback } = data
    const { url, token, expiresAt } = callback
    const isWhole = [runId, attemptId, url, token, expiresAt].every((part) => typeof part === 'string')
    return type === 'run.dispatch' && isWhole ? { runId, attemptId, callback: { url, token, expiresAt } } : undefined
  } catch {
    return undefined
  }
}

interface Reply {
  type?: string
  data: Record<string, unknown>
  code?: string
  title?: string
  detail?: string
}

interface Call {
  headers: Record<string, string>
  body: string
}

/** What is well formed of an answer. */
function callsIn(given: unknown): Call[] {
  return Array.isArray(given) ? given.filter(isCall) : []
}

function isCall(given: unknown): given is Call {
  const { headers, body } = (given ?? {}) as Record<string, unknown>
  return typeof headers === 'object' && headers !== null && typeof body === 'string'
}
