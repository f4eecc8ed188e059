import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { Alarms } from './alarms.ts'
import { ClockSteps } from './clock-steps.ts'
import { ClockWatch } from './clock-watch.ts'
import type { Engine } from './engine.ts'

/** By how much a wall clock may differ from those of a majority, and go forward at once unconfirmed. */
export interface ClockBounds {
  maxSkewMs: number
  maxStepMs: number
}

export const CLOCK_BOUNDS: ClockBounds = { maxSkewMs: 500, maxStepMs: 60_000 }

export interface SelfWatchDeps {
  clock: Clock
  logger: Logger
  node: string
  engine: Pick<Engine, 'consensus' | 'network' | 'restraint'>
  clocks: ClockBounds
}

/** What a node watches about itself, and what it finds wrong. */
export class SelfWatch {
  readonly alarms: Alarms
  readonly #steps: ClockSteps
  readonly #clocks: ClockWatch

  constructor({ clock, logger, node, engine, clocks }: SelfWatchDeps) {
    const { consensus, network, restraint } = engine
    this.alarms = new Alarms(logger)
    this.#steps = new ClockSteps(clock, clocks.maxStepMs)
    const { alarms } = this
    const { maxSkewMs } = clocks
    const steps = this.#steps
    this.#clocks = new ClockWatch({ clock, logger, alarms, node, network, consensus, steps, restraint, maxSkewMs })
  }

  /** Whether the wall clock can be fired by. */
  get trustsClock(): boolean {
    return this.#steps.trusted
  }

  start(): void {
    this.#clocks.start()
  }

  stop(): void {
    this.#clocks.stop()
  }
}
