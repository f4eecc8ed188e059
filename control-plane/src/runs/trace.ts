/** Where a run belongs in a trace, as W3C Trace Context has it: what goes into its calls, and to its children. */
export interface TraceContext {
  /** `traceparent`: version, trace, span, flags. */
  parent: string
  /** `tracestate`, as it came. */
  state?: string
}

const PARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/
/** Visible characters and blanks; the recommendation asks to carry at least 512. */
const STATE = /^[\x20-\x7e]{1,512}$/

/** The context that a caller sent along; undefined when there is none, or it is not one. */
export function readTrace(parent: string | undefined, state?: string): TraceContext | undefined {
  if (parent === undefined || !PARENT.test(parent)) return undefined
  return { parent, ...(state !== undefined && STATE.test(state) ? { state } : {}) }
}

/** The part that all spans of a trace have in common. */
export function traceIdOf({ parent }: TraceContext): string {
  return parent.slice(3, 35)
}

/** Names and values of the headers of a call, in turn. */
export function traceHeaders({ parent, state }: TraceContext): string[] {
  return state === undefined ? ['traceparent', parent] : ['traceparent', parent, 'tracestate', state]
}
