import type { Outcome } from '../cluster/consensus.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Command, SinkProgress } from '../state/commands.ts'

/** How long progress waits for more before it goes into the log, in milliseconds, unless there are so many rows. */
export const REPORT_EVERY_MS = 1000
export const REPORT_ROWS = 1000

export interface ProgressReportDeps {
  clock: Clock
  logger: { warn(fields: object, message: string): void }
  propose(command: Command): Promise<Outcome>
}

/** Puts into the log how far sinks are: what all of them have to say at a time in one entry, and one entry at a time. */
export class ProgressReport {
  readonly #deps: ProgressReportDeps
  readonly #signal: AbortSignal
  readonly #waiting = new Map<number, SinkProgress>()
  #rows = 0
  #proposing = false
  #cancelTimer: (() => void) | undefined

  /** For one term of office. */
  constructor(deps: ProgressReportDeps, signal: AbortSignal) {
    this.#deps = deps
    this.#signal = signal
    signal.addEventListener('abort', () => this.#cancelTimer?.(), { once: true })
  }

  /** Says all there is to say of a sink now; `rows`: delivered since it last did. */
  note(progress: SinkProgress, rows: number): void {
    this.#waiting.set(progress.sink, progress)
    this.#rows += rows
    this.#arm()
  }

  async #send(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (this.#signal.aborted || this.#proposing || this.#waiting.size === 0) return
    const sinks = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#rows = 0
    this.#proposing = true
    try {
      await this.#deps.propose({ kind: 'sinks-progress', at: this.#deps.clock.now(), sinks })
    } catch (error) {
      if (!this.#signal.aborted)
        this.#deps.logger.warn({ error: String(error) }, 'how far sinks are could not be recorded')
      // Everything is said as it stands, so that it may be said twice.
      for (const progress of sinks) if (!this.#waiting.has(progress.sink)) this.#waiting.set(progress.sink, progress)
      this.#rows = 0
    } finally {
      this.#proposing = false
      this.#arm()
    }
  }

  /** What there is waits for more, unless it is much. */
  #arm(): void {
    if (this.#waiting.size === 0 || this.#proposing || this.#signal.aborted) return
    if (this.#rows >= REPORT_ROWS) void this.#send()
    else this.#cancelTimer ??= this.#deps.clock.after(REPORT_EVERY_MS, () => void this.#send())
  }
}
