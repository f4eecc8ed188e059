import type { Outcome } from '../cluster/consensus.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Event } from '../state/applied.ts'
import type { Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'

/** Leases that one entry ends, at most. */
const EXPIRED_MAX = 500
/** How often leases are looked through, at most, in milliseconds: a lease ends up to so much later than its time to live. */
const LOOK_MS = 100
/** A look that comes later than this was held up, and so were the signs of life: they are heard first. */
const LATE_MS = 500
/** When leases that could not be ended are tried again. */
const AGAIN_MS = 1000
/** Timers take no more. */
const SLEEP_MS_MAX = 2 ** 31 - 1

export interface LeaseKeeperDeps {
  clock: Clock
  state(): State
  propose(command: Command): Promise<Outcome>
}

/**
 * Measures the time that leases have left, on the leader alone and by its monotonic clock, and proposes to end those that
 * nobody kept alive. Nothing of it is replicated: a new leader gives every lease its full time again, so none ends early.
 */
export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps
  /** Lease to when its time is over, by the monotonic clock. Those whose end is proposed are not in it. */
  readonly #ends = new Map<string, number>()
  #leads = false
  #nextLook = Number.POSITIVE_INFINITY
  #stopLooking: () => void = () => undefined

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps
  }

  /** Keeps all leases from now on, until the signal of the term aborts. */
  lead(signal: AbortSignal): void {
    this.#retire()
    if (signal.aborted) return
    this.#leads = true
    for (const { id, ttlMs } of this.#deps.state().leases.values()) this.#keep(id, ttlMs)
    signal.addEventListener('abort', () => this.#retire(), { once: true })
  }

  /** A sign of life: false when this node does not keep the lease, or has given it up. */
  keep(lease: string): boolean {
    const ttlMs = this.#deps.state().leases.get(lease)?.ttlMs
    if (!this.#leads || ttlMs === undefined || !this.#ends.has(lease)) return false
    this.#keep(lease, ttlMs)
    return true
  }

  onEvent(event: Event): void {
    if (!this.#leads) return
    if (event.type === 'lease-kept') this.#keep(event.lease, event.ttlMs)
    else if (event.type === 'lease-ended' && this.#ends.delete(event.lease) && this.#ends.size === 0) this.#rest()
  }

  #keep(lease: string, ttlMs: number): void {
    const end = this.#deps.clock.monotonic() + ttlMs
    this.#ends.set(lease, end)
    if (end < this.#nextLook) this.#lookAt(end)
  }

  #retire(): void {
    this.#leads = false
    this.#ends.clear()
    this.#rest()
  }

  #rest(): void {
    this.#stopLooking()
    this.#nextLook = Number.POSITIVE_INFINITY
  }

  #lookAt(end: number): void {
    const { clock } = this.#deps
    const now = clock.monotonic()
    this.#stopLooking()
    this.#nextLook = Math.max(end, now + LOOK_MS)
    this.#stopLooking = clock.after(Math.min(Math.ceil(this.#nextLook - now), SLEEP_MS_MAX), () => this.#look())
  }

  #look(): void {
    const now = this.#deps.clock.monotonic()
    const late = now - this.#nextLook
    this.#nextLook = Number.POSITIVE_INFINITY
    if (late > LATE_MS) return this.#lookAt(now)
    const over: string[] = []
    let next = Number.POSITIVE_INFINITY
    for (const [lease, end] of this.#ends) {
      if (end > now || over.length === EXPIRED_MAX) {
        next = Math.min(next, end)
        continue
      }
      over.push(lease)
      this.#ends.delete(lease)
    }
    if (next < Number.POSITIVE_INFINITY) this.#lookAt(next)
    if (over.length > 0) void this.#end(over)
  }

  /** What is not ended by this, because a sign of life came through the log or because it failed, is kept on. */
  async #end(leases: string[]): Promise<void> {
    const { clock, state, propose } = this.#deps
    const asOf = state().index
    const failed = await propose({ kind: 'leases-expired', at: clock.now(), leases, asOf }).then(
      () => false,
      () => true,
    )
    if (!this.#leads) return
    for (const id of leases) {
      const lease = state().leases.get(id)
      if (lease && !this.#ends.has(id)) this.#keep(id, failed ? AGAIN_MS : lease.ttlMs)
    }
  }
}
