import { type Attributes, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import type { Outcome } from '../cluster/consensus.ts'
import type { Http } from '../dispatch/http.ts'
import type { Clock } from '../runtime/clock.ts'
import { VERSION } from '../runtime/version.ts'
import type { Event } from '../state/applied.ts'
import type { AttemptFinish, Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import { AttemptSpans } from './attempt-spans.ts'
import { proposing } from './decision-spans.ts'
import { requesting } from './request-spans.ts'

export interface TracingDeps {
  clock: Clock
  tracer: Tracer
  state(): State
  /** Id of this member. */
  node: string
}

type Submit = (command: Command) => Promise<Outcome>

/** A span for each fire, plan, commit, attempt and delivery; exists only where somebody has set up an SDK. */
export class Tracing {
  readonly #deps: TracingDeps
  readonly #attempts: AttemptSpans

  constructor(deps: TracingDeps) {
    this.#deps = deps
    this.#attempts = new AttemptSpans(deps)
  }

  /** The leader's way into the log. */
  proposing(propose: Submit): Submit {
    return proposing(this.#deps, propose)
  }

  /** The way of those who ask for something. */
  requesting(submit: Submit): Submit {
    return requesting(this.#deps, submit)
  }

  /** The way of calls to executors. */
  sending(http: Http): Http {
    return this.#attempts.sending(http)
  }

  /** To be called before the end of an attempt is recorded. */
  finished(finish: AttemptFinish): void {
    this.#attempts.finished(finish)
  }

  /** To be called for everything that happens. */
  onEvent(event: Event): void {
    if (event.type === 'attempt-ended') this.#attempts.recorded(event.attempt)
    else if (event.type === 'attempt-accepted') this.#attempts.accepted(event.attempt)
  }

  /** The whole state was replaced: nobody said what happened in between. */
  onReplaced(): void {
    this.#attempts.forgetClosed()
  }

  /** Something that is delivered to somebody else: it ends when `work` does, and fails as it does, or as `judge` says. */
  async delivery<T>(
    what: string,
    attributes: Attributes,
    work: () => Promise<T>,
    judge?: (result: T) => DeliveryEnd,
  ): Promise<T> {
    const end = this.begin(what, attributes)
    try {
      const result = await work()
      end(judge?.(result) ?? { outcome: 'delivered', failed: false })
      return result
    } catch (error) {
      end({ outcome: error instanceof Error ? error.name : 'unknown', failed: true })
      throw error
    }
  }

  /** The same where there is nothing to wait for: returns how to end it, which counts once. */
  begin(what: string, attributes: Attributes): (end: DeliveryEnd) => void {
    const { tracer, clock } = this.#deps
    const span = tracer.startSpan(`deliver ${what}`, { kind: SpanKind.CLIENT, attributes, startTime: clock.now() })
    return ({ outcome, failed }) => {
      if (!span.isRecording()) return
      span.setAttribute('cronclave.delivery.outcome', outcome)
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(clock.now())
    }
  }
}

/** How a delivery ended: a word, never what the other side said. */
export interface DeliveryEnd {
  outcome: string
  failed: boolean
}

/** The traces of a node; undefined where nobody has set up an SDK of OpenTelemetry: then nothing here costs anything. */
export function findTracing(deps: Omit<TracingDeps, 'tracer'>): Tracing | undefined {
  const tracer = registeredTracer()
  return tracer && new Tracing({ ...deps, tracer })
}

/** How spans are made; undefined while nothing has been set up. */
function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  if (!('getDelegateTracer' in provider)) return provider.getTracer('cronclave', VERSION)
  // The global one stands in for what may be set up later: what has not been by the start of the node is not used.
  const proxy = provider as typeof provider & { getDelegateTracer(name: string, version: string): Tracer | undefined }
  return proxy.getDelegateTracer('cronclave', VERSION)
}
