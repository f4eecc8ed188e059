import { type Context, context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { JobContext } from './context.ts'
import { errorKind } from './errors.ts'
import type { Handler } from './handler.ts'
import { VERSION } from './version.ts'

/**
 * A handler that goes on with the trace of its call: it runs within a span of its own, which is the active one, so that
 * whatever it calls is seen in the same trace. Needs `@opentelemetry/api`; without an SDK of OpenTelemetry it does nothing.
 * @example
 * const executor = createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET })
 *   .job('nightly-report', traced(async (ctx) => ({ rows: await writeReport(ctx.params, ctx.signal) })))
 */
export function traced<Params, Result>(handler: Handler<Params, Result>): Handler<Params, Awaited<Result>> {
  return (ctx) => {
    const attributes = {
      'cronclave.job': ctx.job,
      'cronclave.run.id': ctx.runId,
      'cronclave.attempt.id': ctx.attemptId,
      'cronclave.attempt.ordinal': ctx.attempt,
      'cronclave.shard.index': ctx.shard.index,
    }
    const tracer = trace.getTracer('@cronclave/sdk', VERSION)
    const options = { kind: SpanKind.CONSUMER, attributes }
    return tracer.startActiveSpan(`handle ${ctx.job}`, options, parentOf(ctx), (span) => within(span, handler, ctx))
  }
}

async function within<Params, Result>(
  span: Span,
  handler: Handler<Params, Result>,
  ctx: JobContext<Params>,
): Promise<Awaited<Result>> {
  try {
    return await handler(ctx)
  } catch (error) {
    // Whoever skips has done what was asked.
    if (errorKind(error) !== 'skip') {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
    }
    throw error
  } finally {
    span.end()
  }
}

/** Where the span goes: into that of the framework, if there is one of this trace, else right below the call. */
function parentOf({ traceparent }: Pick<JobContext<unknown>, 'traceparent'>): Context {
  const active = context.active()
  if (traceparent === undefined) return active
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  if (trace.getSpanContext(active)?.traceId === traceId) return active
  return trace.setSpanContext(active, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}
