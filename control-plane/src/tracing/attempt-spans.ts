import {
  type Attributes,
  context,
  createContextKey,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { Call } from '../dispatch/call.ts'
import type { Found } from '../dispatch/find.ts'
import type { Exchange, ExchangeOptions, ExchangeOwner, Http } from '../dispatch/http.ts'
import type { WireRequest } from '../dispatch/request.ts'
import { traceHeaders } from '../runs/trace.ts'
import type { AttemptOutcome, EndedAttempt, RunError } from '../runs/run.ts'
import type { AttemptFinish } from '../state/commands.ts'
import { jobAttributes, runAttributes } from './attributes.ts'
import { carried, contextOf } from './context.ts'
import type { TracingDeps } from './tracing.ts'

/** Attempts that have a span open at once: further ones have none. */
const OPEN_MAX = 100_000

/** Instrumentation of the HTTP client, if there is any, adds neither spans nor headers of its own: the SDK knows this key. */
const SUPPRESSED = ROOT_CONTEXT.setValue(createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'), true)

interface Open {
  span: Span
  /** From its end to the entry that records it. */
  commit?: Span
}

/** A span per attempt that this node sends, from the request to its outcome, also where that is reported later. */
export class AttemptSpans {
  readonly #deps: TracingDeps
  readonly #open = new Map<string, Open>()

  constructor(deps: TracingDeps) {
    this.#deps = deps
  }

  /** Sends, with the context of the attempt in the headers; what is no attempt is sent as it is. */
  sending(http: Http): Http {
    const begin = (request: WireRequest, owner: ExchangeOwner) => this.#begin(request, owner)
    return {
      get connections() {
        return http.connections
      },
      hasRoom: (origin) => http.hasRoom(origin),
      onRoom: (listener) => http.onRoom?.(listener),
      send(request: WireRequest, owner: ExchangeOwner, options: ExchangeOptions): Exchange {
        begin(request, owner)
        return context.with(SUPPRESSED, () => http.send(request, owner, options))
      },
      close: () => http.close(),
    }
  }

  /** Before the end of an attempt is recorded: the span ends, and what comes of it goes on from there. */
  finished(finish: AttemptFinish): void {
    const open = this.#open.get(finish.attempt)
    if (!open || open.commit) return
    const { tracer, clock } = this.#deps
    const carrier = carried(open.span)
    if (carrier) finish.trace = carrier
    end(open.span, finish, clock.now())
    open.commit = tracer.startSpan('commit', { startTime: clock.now() }, trace.setSpan(contextOf(undefined), open.span))
  }

  accepted(attempt: string): void {
    this.#open.get(attempt)?.span.addEvent('accepted', this.#deps.clock.now())
  }

  /** The end of an attempt is committed, whoever saw it. */
  recorded(attempt: EndedAttempt): void {
    const open = this.#open.get(attempt.id)
    if (!open) return
    this.#open.delete(attempt.id)
    const now = this.#deps.clock.now()
    if (open.commit) open.commit.setAttribute('cronclave.log.index', attempt.sequence[0]).end(now)
    else end(open.span, attempt, now)
  }

  /** Lets go of attempts that have ended without a word. */
  forgetClosed(): void {
    const { attempts } = this.#deps.state()
    for (const [id, { span, commit }] of this.#open) {
      if (attempts.has(id)) continue
      this.#open.delete(id)
      commit?.end(this.#deps.clock.now())
      if (!commit) span.end(this.#deps.clock.now())
    }
  }

  #begin(request: WireRequest, owner: ExchangeOwner): void {
    // A redirect goes on under the same span, with the headers that may go along.
    if (!(owner instanceof Call) || !owner.found || this.#open.has(owner.id) || this.#open.size >= OPEN_MAX) return
    const { tracer, clock, state } = this.#deps
    const { found } = owner
    const attributes = {
      ...jobAttributes(state(), found.job),
      ...runAttributes(found.run),
      ...attemptAttributes(found, request),
    }
    const options = { kind: SpanKind.CLIENT, startTime: clock.now(), attributes }
    const span = tracer.startSpan(`attempt ${request.method}`, options, contextOf(found.run.trace))
    this.#open.set(owner.id, { span })
    carry(request, found, span)
  }
}

/** Puts the span into the headers, but not over what the job says itself. */
function carry(request: WireRequest, { run }: Found, span: Span): void {
  const carrier = carried(span)
  if (!carrier) return
  const { headers } = request
  const at = headers.findIndex((name, i) => i % 2 === 0 && name === 'traceparent')
  if (at >= 0 && headers[at + 1] !== run.trace?.parent) return
  if (at >= 0) headers.splice(at, run.trace?.state === undefined ? 2 : 4)
  headers.push(...traceHeaders(carrier))
}

/** By the semantic conventions of HTTP clients, without path and query: they may hold parameters. */
function attemptAttributes({ attempt, shard }: Found, { method, origin }: WireRequest): Attributes {
  const { hostname, port, protocol } = new URL(origin)
  const scheme = protocol.slice(0, -1)
  return {
    'cronclave.attempt.id': attempt.id,
    'cronclave.attempt.ordinal': attempt.ordinal,
    'cronclave.executor': attempt.executor,
    'cronclave.shard.index': shard.index,
    'http.request.method': method,
    ...(attempt.ordinal > 1 ? { 'http.request.resend_count': attempt.ordinal - 1 } : {}),
    'url.scheme': scheme,
    'server.address': hostname,
    'server.port': port === '' ? (scheme === 'https' ? 443 : 80) : Number(port),
  }
}

function end(span: Span, how: { outcome: AttemptOutcome; status?: number; error?: RunError }, at: number): void {
  const { outcome, status, error } = how
  span.setAttribute('cronclave.attempt.outcome', outcome)
  if (status !== undefined) span.setAttribute('http.response.status_code', status)
  if (outcome !== 'succeeded' && outcome !== 'skipped') {
    span.setAttribute('error.type', error?.code ?? outcome)
    span.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
  }
  span.end(at)
}
