import type { Handler, JobContext, JsonObject } from '@cronclave/sdk'
import type { Clock } from '../../runtime/clock.ts'
import type { AgentPlugin, PluginCall, PluginContext } from './plugin.ts'
import { steered } from './plugin-fault.ts'

/** How long a plugin has to stop once its signal is aborted, in milliseconds; then nobody waits for it any more. */
const STOP_MS = 5000

/** A plugin as a handler of the SDK. A plugin that does not heed its signal holds up nothing but itself. */
export function handlerOf(plugin: AgentPlugin, clock: Clock): Handler<JsonObject, unknown> {
  return async (ctx) => {
    try {
      const work = Promise.resolve().then(() => plugin.run(callOf(ctx), contextOf(ctx)))
      return await untilStopped(work, ctx.signal, clock)
    } catch (error) {
      throw steered(error)
    }
  }
}

function callOf(ctx: JobContext<JsonObject>): PluginCall {
  const { params, runId, attemptId, job, fireTime, lastFireTime, attempt, maxAttempts, trigger, shard } = ctx
  const { fencingToken, parent, traceparent } = ctx
  return {
    ...{ params, runId, attemptId, job, fireTime, attempt, maxAttempts, trigger, shard, fencingToken },
    ...(lastFireTime && { lastFireTime }),
    ...(parent && { parent }),
    ...(traceparent !== undefined && { traceparent }),
  }
}

function contextOf(ctx: JobContext<JsonObject>): PluginContext {
  return {
    signal: ctx.signal,
    get deadline() {
      return ctx.deadline
    },
    log: ctx.log,
    progress: (...how) => ctx.progress(...how),
    extend: (by) => ctx.extend(by),
  }
}

function untilStopped(work: Promise<unknown>, signal: AbortSignal, clock: Clock): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let stopTimer = () => {}
    const aborted = () => {
      stopTimer = clock.after(STOP_MS, () => reject(signal.reason as Error))
    }
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()
    work.then(resolve, reject).finally(() => {
      stopTimer()
      signal.removeEventListener('abort', aborted)
    })
  })
}
