import type { Buckets } from '../runtime/buckets.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Alarms, NodeAlarmCode } from './alarms.ts'
import { Durations } from './durations.ts'

/** How often disk and loop are judged, in milliseconds. */
const LOOK_MS = 10_000
/** How often the lag of the loop is measured, in milliseconds. */
const BEAT_MS = 100
/** Fewer durations than this say nothing. */
const COUNT_MIN = 20

export interface PaceWatchDeps {
  clock: Clock
  alarms: Alarms
  /** How long writes to the log took, until they were on disk. */
  syncs: Durations
  heartbeatMs: number
}

/**
 * Warns when a node is too slow for its heartbeats: when one write in a hundred takes more than a quarter of a heartbeat to
 * be on disk, or the loop comes that late. Elections without a cause, and slow changes, begin with that.
 */
export class PaceWatch {
  readonly #deps: PaceWatchDeps
  readonly #lags = new Durations()
  #lookAt = 0
  #cancel: (() => void) | undefined

  constructor(deps: PaceWatchDeps) {
    this.#deps = deps
  }

  /** How late turns of the event loop came since the process started. */
  get lags(): Buckets {
    return this.#lags.all
  }

  start(): void {
    this.#lookAt = this.#deps.clock.monotonic() + LOOK_MS
    this.#later()
  }

  stop(): void {
    this.#cancel?.()
  }

  #later(): void {
    const { clock } = this.#deps
    const due = clock.monotonic() + BEAT_MS
    this.#cancel = clock.after(BEAT_MS, () => {
      this.#lags.add(clock.monotonic() - due)
      if (clock.monotonic() >= this.#lookAt) this.#look()
      this.#later()
    })
  }

  #look(): void {
    this.#lookAt = this.#deps.clock.monotonic() + LOOK_MS
    this.#judge('disk-slow', this.#deps.syncs, 'writes to the log are on disk', 'Use a faster disk')
    this.#judge('loop-slow', this.#lags, 'turns of the event loop come', 'Give the node more processor time')
  }

  #judge(code: NodeAlarmCode, durations: Durations, what: string, advice: string): void {
    const { alarms, heartbeatMs } = this.#deps
    const { count, p99Ms } = durations.take()
    if (count < COUNT_MIN) return
    if (p99Ms <= heartbeatMs / 4) return alarms.clear(code)
    const detail = `One in a hundred ${what} after more than ${p99Ms.toFixed(1)} ms, and a heartbeat is ${heartbeatMs} ms. ${advice}, or set \`heartbeat\` and \`electionTimeout\` higher.`
    alarms.raise(code, detail)
  }
}
