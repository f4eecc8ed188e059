import type { Clock } from '../runtime/clock.ts'
import type { Consensus } from './consensus.ts'

/** Parts of the limit after which this node asks again. */
const ASKS_PER_LIMIT = 3
/** Questions under way at once, at most. */
const ASKS_MAX = 4

export interface TouchDeps {
  clock: Clock
  /** How long after its last good question a node may still send calls, in milliseconds. */
  limitMs: number
  consensus: Pick<Consensus, 'leadership' | 'inTouch' | 'readIndex' | 'waitApplied'>
  /** Whether this node is a member, as far as it knows. */
  isMember(): boolean
  /** There is touch where there was none. */
  onFound(): void
  /** What has not been sent is not to be. */
  onLost(): void
}

/**
 * Whether this node may send calls: a leader whom a majority confirmed has answered a question that was asked, by the
 * monotonic clock, not longer ago than the limit, and this node has applied what was committed by then. Whatever was
 * decided about its calls before the question it therefore knows; whoever gives it up afterwards waits longer than the
 * limit first. A process that stood still asks anew before it sends anything; so does one whose machine slept, which the
 * wall clock tells and the monotonic one does not.
 */
export class Touch {
  readonly #deps: TouchDeps
  /** When the last question that was answered was asked. */
  #askedAt = Number.NEGATIVE_INFINITY
  /** The same moment by the wall clock. */
  #askedAtWall = Number.NEGATIVE_INFINITY
  #asking = 0
  #wasInTouch = false
  #cancel: (() => void) | undefined

  constructor(deps: TouchDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#look()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  inTouch(): boolean {
    const { clock, limitMs, consensus, isMember } = this.#deps
    const age = Math.max(clock.monotonic() - this.#askedAt, clock.now() - this.#askedAtWall)
    if (age > limitMs || !isMember()) return false
    return !consensus.leadership().isLeader || consensus.inTouch()
  }

  /** Something changed: asks at once. */
  ask(): void {
    const { clock, consensus, limitMs } = this.#deps
    if (this.#asking >= ASKS_MAX || this.#cancel === undefined) return
    const askedAt = clock.monotonic()
    const askedAtWall = clock.now()
    this.#asking += 1
    consensus
      .readIndex()
      .then((index) => consensus.waitApplied(index, limitMs))
      .then(
        () => {
          if (askedAt >= this.#askedAt) {
            this.#askedAt = askedAt
            this.#askedAtWall = askedAtWall
          }
          this.#notice()
        },
        () => undefined,
      )
      .finally(() => {
        this.#asking -= 1
      })
  }

  readonly #look = (): void => {
    const { clock, limitMs } = this.#deps
    this.#cancel = clock.after(limitMs / ASKS_PER_LIMIT, this.#look)
    this.#notice()
    this.ask()
  }

  #notice(): void {
    const inTouch = this.inTouch()
    if (inTouch === this.#wasInTouch) return
    this.#wasInTouch = inTouch
    if (inTouch) this.#deps.onFound()
    else this.#deps.onLost()
  }
}
