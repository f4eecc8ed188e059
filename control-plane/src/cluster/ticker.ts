import type { Clock } from '../runtime/clock.ts'

/** Heartbeats and elections, in ticks and in milliseconds. */
export interface Timing {
  tickMs: number
  heartbeatTicks: number
  electionTicks: number
  electionMs: number
}

/** Ticks in a heartbeat: how finely elections are spread. */
const TICKS_PER_HEARTBEAT = 2

/** Raft's clock for a heartbeat and an election timeout in milliseconds. */
export function timingOf(heartbeatMs: number, electionMs: number): Timing {
  const tickMs = heartbeatMs / TICKS_PER_HEARTBEAT
  return { tickMs, heartbeatTicks: TICKS_PER_HEARTBEAT, electionTicks: Math.round(electionMs / tickMs), electionMs }
}

/**
 * Ticks as long as it runs, one per turn of the loop and never several to catch up: a node that was blocked for a while
 * lets what came meanwhile in first, instead of holding an election at once.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #tick: () => void
  #cancel: (() => void) | undefined

  constructor(clock: Clock, { tickMs }: Timing, tick: () => void) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#tick = tick
  }

  start(): void {
    this.#cancel ??= this.#clock.after(this.#tickMs, this.#onTime)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  readonly #onTime = (): void => {
    this.#cancel = this.#clock.after(this.#tickMs, this.#onTime)
    this.#tick()
  }
}
