import type { Clock } from '../runtime/clock.ts'

/** Something with a time limit. The wheel links it into lists of its own, so that adding and removing allocate nothing. */
export interface Timed {
  /** Monotonic milliseconds. */
  due: number
  /** Slot it stands in, or -1. */
  slot: number
  next: Timed | undefined
  previous: Timed | undefined
}

const TICK_MS = 20
const SLOTS = 512

/**
 * One coarse timer for many deadlines (a hashed timing wheel, Varghese and Lauck 1987): each comes at most two ticks
 * late, never early. While nothing waits, no timer runs.
 */
export class Wheel<T extends Timed> {
  readonly #clock: Clock
  readonly #onDue: (timed: T) => void
  readonly #heads: (Timed | undefined)[] = Array.from({ length: SLOTS }, () => undefined)
  #count = 0
  /** The tick up to which slots were looked at. */
  #tick = 0
  #armed = false

  constructor(clock: Clock, onDue: (timed: T) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  get size(): number {
    return this.#count
  }

  add(timed: T, due: number): void {
    if (this.#count++ === 0) this.#tick = Math.floor(this.#clock.monotonic() / TICK_MS)
    const slot = Math.max(Math.ceil(due / TICK_MS), this.#tick + 1) % SLOTS
    const head = this.#heads[slot]
    timed.due = due
    timed.slot = slot
    timed.next = head
    timed.previous = undefined
    if (head) head.previous = timed
    this.#heads[slot] = timed
    if (!this.#armed) this.#arm()
  }

  /** Takes it out, if it is in. */
  remove(timed: T): void {
    if (timed.slot < 0) return
    const { next, previous } = timed
    if (next) next.previous = previous
    if (previous) previous.next = next
    else this.#heads[timed.slot] = next
    timed.slot = -1
    timed.next = undefined
    timed.previous = undefined
    this.#count--
  }

  #arm(): void {
    this.#armed = true
    this.#clock.after(TICK_MS, () => {
      this.#armed = false
      for (const timed of this.#takeDue()) this.#onDue(timed)
      if (this.#count > 0 && !this.#armed) this.#arm()
    })
  }

  #takeDue(): T[] {
    const now = this.#clock.monotonic()
    const last = Math.floor(now / TICK_MS)
    const due: T[] = []
    for (let tick = Math.max(this.#tick + 1, last - SLOTS + 1); tick <= last; tick++) {
      for (let timed = this.#heads[tick % SLOTS]; timed; timed = timed.next) if (timed.due <= now) due.push(timed as T)
    }
    this.#tick = last
    for (const timed of due) this.remove(timed)
    return due
  }
}
