import type { Clock } from '../runtime/clock.ts'

/**
 * Whether the wall clock may be fired by. A step forward beyond the bound that the clock of the machine's uptime does not
 * confirm is not time that passed: until somebody confirms it, or the clock is back, nothing is due by it. Ask it at
 * least once a second, so that a clock that is only set right a little at a time is followed.
 */
export class ClockSteps {
  readonly #clock: Clock
  readonly #maxStepMs: number
  #wall: number
  #uptime: number

  constructor(clock: Clock, maxStepMs: number) {
    this.#clock = clock
    this.#maxStepMs = maxStepMs
    this.#wall = clock.now()
    this.#uptime = uptimeOf(clock)
  }

  /** By how much the wall clock is ahead of what it should show, in milliseconds; 0 while it can be trusted. */
  get aheadMs(): number {
    const wall = this.#clock.now()
    const uptime = uptimeOf(this.#clock)
    const aheadMs = wall - this.#wall - (uptime - this.#uptime)
    if (aheadMs > this.#maxStepMs) return aheadMs
    this.#wall = wall
    this.#uptime = uptime
    return 0
  }

  get trusted(): boolean {
    return this.aheadMs === 0
  }

  /** Others have the same time: it is time that passed. */
  confirm(): void {
    this.#wall = this.#clock.now()
    this.#uptime = uptimeOf(this.#clock)
  }
}

function uptimeOf(clock: Clock): number {
  return clock.uptime?.() ?? clock.monotonic()
}
