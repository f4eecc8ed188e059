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

  /** Something that is delivered to somebody else: it ends when `work` does, and fails as it does. */
  async delivery<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
    const { tracer, clock } = this.#deps
    const span = tracer.startSpan(`deliver ${name}`, { kind: SpanKind.CLIENT, attributes, startTime: clock.now() })
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
      throw error
    } finally {
      span.end(clock.now())
    }
  }
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
