import type { Attempt, Settled } from './attempt.ts'
import type { ExecutorClock } from './clock.ts'
import { createContext, type JobContext } from './context.ts'
import type { Dispatch } from './envelope.ts'
import { errorKind } from './errors.ts'
import type { KeptJobOptions } from './job-options.ts'
import type { Kv } from './keys-and-locks.ts'
import type { Logger } from './logger.ts'
import { outcomeOfError, outcomeOfResult, outcomeText } from './outcome.ts'
import { RunLog } from './run-log.ts'
import type { ParamsSchema } from './schema.ts'

/** A plain function that does the work. What it returns is the run's result: JSON, at most 64 KiB. */
export type Handler<Params, Result> = (ctx: JobContext<Params>) => Result | Promise<Result>

/** What is known of a handler beside its function. */
export interface JobOptions<Schema extends ParamsSchema> extends KeptJobOptions {
  /**
   * Checks and converts `ctx.params`; any Standard Schema: zod, valibot, arktype. What it refuses is never retried. As JSON
   * Schema it goes to the control plane, which shows a form by it, and checks what jobs and triggers give.
   */
  params?: Schema
  description?: string
}

/** A handler as it was registered. */
export interface Registered {
  options: JobOptions<ParamsSchema>
  run: Handler<unknown, unknown>
}

/** What running a handler takes. */
export interface RunPort {
  clock: ExecutorClock
  logger: Logger
  /** Where the handler's own lines go as well. */
  tee: Logger | undefined
  kv: Kv | undefined
}

/** Checks the parameters, calls the handler, and says what came of it. Never rejects. */
export async function runHandler(
  handler: Registered,
  dispatch: Dispatch,
  attempt: Attempt,
  traceparent: string | null | undefined,
  extend: (ms: number) => Promise<void>,
  { clock, logger, tee, kv }: RunPort,
): Promise<Settled> {
  const tags = { job: dispatch.job, runId: dispatch.runId, attemptId: dispatch.attemptId }
  const log = (attempt.log = new RunLog(clock, tee, tags))
  const schema = handler.options.params
  const params = schema
    ? await (await import('./params.ts')).takeParams(schema, dispatch.params, logger, tags)
    : { value: dispatch.params }
  if ('kind' in params) return params
  try {
    const result = await handler.run(createContext(dispatch, params.value, attempt, log, traceparent, extend, kv))
    return { kind: 'outcome', text: outcomeText(outcomeOfResult(result), log.lines(), attempt.progress) }
  } catch (error) {
    return settledBy(error, attempt, clock.now())
  }
}

/** What an attempt comes to by an error: its handler's own, or the reason why that is not waited for any more. */
export function settledBy(error: unknown, { signal, log, progress }: Attempt, nowMs: number): Settled {
  const reason: unknown = signal.aborted ? signal.reason : undefined
  if (errorKind(reason) === 'lease-lost') return { kind: 'abandoned' }
  return { kind: 'outcome', text: outcomeText(outcomeOfError(error, reason, nowMs), log?.lines() ?? [], progress) }
}
