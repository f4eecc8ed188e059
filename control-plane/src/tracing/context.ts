import { type Context, createTraceState, ROOT_CONTEXT, type Span, type SpanContext, trace } from '@opentelemetry/api'
import type { TraceContext } from '../runs/trace.ts'

const INVALID_TRACE = '0'.repeat(32)

/** What is handed on of a span; undefined when there is nothing to hand on. */
export function carried(span: Span): TraceContext | undefined {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  if (traceId === INVALID_TRACE) return undefined
  const state = traceState?.serialize() ?? ''
  const flags = traceFlags.toString(16).padStart(2, '0')
  return { parent: `00-${traceId}-${spanId}-${flags}`, ...(state === '' ? {} : { state }) }
}

/** Where spans of a run go; a trace of their own when it belongs to none. */
export function contextOf(carrier: TraceContext | undefined): Context {
  if (carrier === undefined) return ROOT_CONTEXT
  const [, traceId = '', spanId = '', flags = ''] = carrier.parent.split('-')
  const spanContext: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(carrier.state === undefined ? {} : { traceState: createTraceState(carrier.state) }),
  }
  return trace.setSpanContext(ROOT_CONTEXT, spanContext)
}
