import { addressOf, pulls } from '../discovery/pull.ts'
import type { Clock } from '../runtime/clock.ts'
import type { State } from '../state/state.ts'
import { describeAttempt, type Found, type Left } from './find.ts'
import type { Http } from './http.ts'
import type { KeyRing } from './prepare.ts'
import { cancelRequest } from './request.ts'

/** Accepted attempts that are remembered, so that they can be cancelled from here; the oldest are forgotten first. */
const ACCEPTED_MAX = 100_000
const CANCEL_TIMEOUT_MS = 10_000
/** Cancellations under way at once; beyond it they are dropped, and the lease ends the work instead. */
const CANCELS_MAX = 64

export interface AcceptedDeps {
  clock: Clock
  http: Http
  ring: KeyRing
  state: () => State
  /** Whether this node leads. */
  leads: () => boolean
  logger: { warn(fields: object, message: string): void }
  /** Told that a connection to this origin is to spare again. */
  freed: (origin: string) => void
}

/** Attempts that an executor answered with 202, and the way to tell an executor that it should stop. */
export class Accepted {
  readonly #deps: AcceptedDeps
  readonly #found = new Map<string, Found>()
  #cancels = 0

  constructor(deps: AcceptedDeps) {
    this.#deps = deps
  }

  add(attempt: string, found: Found): void {
    for (const [oldest] of this.#found) {
      if (this.#found.size < ACCEPTED_MAX && this.#deps.state().attempts.has(oldest)) break
      this.#found.delete(oldest)
    }
    this.#found.set(attempt, found)
  }

  /** Tells the executor of an attempt that it accepted to stop. `left`: an attempt of whichever node that was accepted. */
  cancel(attemptId: string, why: 'cancelled' | 'timed-out', left?: Left): void {
    const found = this.#found.get(attemptId) ?? this.#orphan(left)
    this.#found.delete(attemptId)
    if (found && this.#speaksTo(found)) this.tell(attemptId, found, why)
  }

  /** The leader speaks for nodes that have gone, or were started anew since, and to all that poll. */
  #orphan(left: Left | undefined): Found | undefined {
    const { state, leads } = this.#deps
    if (!left || !leads()) return undefined
    const { node, incarnation } = left.attempt
    const known = state().nodes.get(node)
    const isThere = known !== undefined && !known.down && known.incarnation === incarnation
    const found = describeAttempt(state(), left)
    if ('kind' in found) return undefined
    return isThere && !(found.executor && pulls(found.executor)) ? undefined : found
  }

  /** Whoever polls is told by the leader alone, wherever it was when the work was handed over. */
  #speaksTo({ executor }: Found): boolean {
    return !executor || !pulls(executor) || this.#deps.leads()
  }

  /**
   * Sends a signed `run.cancel`; whether it arrives or not changes nothing in the ledger. A handler whose connection
   * merely closes goes on for a while, in case a redispatch comes for its outcome: it has to be told.
   */
  tell(attemptId: string, found: Found, why: 'cancelled' | 'timed-out'): void {
    if (!found.executor || !mayBeTold(found)) return
    const { clock, http, ring, logger, freed } = this.#deps
    if (this.#cancels >= CANCELS_MAX) {
      logger.warn({ attempt: attemptId, limit: CANCELS_MAX }, 'too many cancellations are under way; one was dropped')
      return
    }
    const { cluster, namespace, service = '', executor, run, who } = found
    const names = { cluster, namespace, service, executor: executor.id, runId: run.id, attemptId }
    const request = cancelRequest(
      names,
      why,
      addressOf(executor),
      ring.signingOf(found.secrets, found.scheme),
      clock.now(),
    )
    this.#cancels++
    const done = (what?: string) => {
      this.#cancels--
      stopTimer()
      if (what !== undefined) logger.warn({ attempt: attemptId, why: what }, `${who} could not be told to stop`)
      freed(request.origin)
    }
    const stopTimer = clock.after(CANCEL_TIMEOUT_MS, () => {
      exchange.abort()
      done('no answer in time')
    })
    const owner = {
      onSent: () => true,
      onDone: ({ reply, error }: { reply?: { status: number }; error?: Error }) =>
        done(error ? error.message : reply?.status === 200 ? undefined : `it answered ${reply?.status}`),
    }
    const exchange = http.send(request, owner, { keepBytes: 0, silenceTimeoutMs: CANCEL_TIMEOUT_MS })
  }
}

/**
 * An executor that has the SDK, or one that takes work on for later. A target with a URL of its own is told nothing: it
 * may take any request for an order to work; it learns that it should stop when it next reports.
 */
function mayBeTold({ job, secrets, scheme }: Found): boolean {
  const { target } = job.spec
  if (scheme?.kind === 'legacy-gojob') return false
  return secrets.length > 0 && (target.kind === 'handler' || target.async === true)
}
