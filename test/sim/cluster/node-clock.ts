import type { Clock, Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { Owner, World } from './world.ts'

/** When the world begins, by a clock that is right. */
export const START = Date.UTC(2026, 9, 31, 22, 0)
/** Keeps a timer from ringing a rounding error too early. */
const GRAIN_MS = 1e-6

/** How the clock of a machine goes: how much it is ahead, and how much faster it runs. */
export interface Oscillator {
  skewMs: number
  rate: number
}

/** The clock of one process: its timers are gone with it, and wait while it stands still. */
export class NodeClock implements Clock {
  readonly #world: World
  readonly #owner: Owner
  readonly #oscillator: Oscillator

  constructor(world: World, owner: Owner, oscillator: Oscillator) {
    this.#world = world
    this.#owner = owner
    this.#oscillator = oscillator
  }

  now(): Millis {
    return START + Math.floor(this.monotonic() + this.#oscillator.skewMs)
  }

  monotonic(): number {
    return this.#world.now * this.#oscillator.rate
  }

  after(delayMs: number, task: () => void): () => void {
    if (!this.#owner.alive) return () => undefined
    const delay = Math.max(0, delayMs) / this.#oscillator.rate
    return this.#world.laterIn(() => this.#owner, delay === 0 ? 0 : delay + GRAIN_MS, 'timer', task)
  }
}
