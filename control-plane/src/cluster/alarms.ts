import type { Logger } from '../runtime/logger.ts'

/** What a node finds wrong with itself. */
export type NodeAlarmCode =
  | 'clock-skewed'
  | 'firing-paused'
  | 'state-diverged'
  | 'disk-full'
  | 'disk-slow'
  | 'loop-slow'

export interface NodeAlarm {
  code: NodeAlarmCode
  /** A sentence. */
  detail: string
}

/** What is wrong with this node at the moment; told once when it begins and once when it ends, in the log. */
export class Alarms {
  readonly #logger: Logger
  readonly #raised = new Map<NodeAlarmCode, string>()
  /** How often each began since the process started. */
  readonly counts: Partial<Record<NodeAlarmCode, number>> = {}

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get list(): NodeAlarm[] {
    return [...this.#raised].map(([code, detail]) => ({ code, detail }))
  }

  /** Says, or goes on saying, that something is wrong; the detail may change while it lasts. */
  raise(code: NodeAlarmCode, detail: string, level: 'warn' | 'error' = 'warn'): void {
    if (!this.#raised.has(code)) {
      this.#logger[level]({ alarm: code }, detail)
      this.counts[code] = (this.counts[code] ?? 0) + 1
    }
    this.#raised.set(code, detail)
  }

  clear(code: NodeAlarmCode): void {
    if (this.#raised.delete(code)) this.#logger.info({ alarm: code }, 'what was wrong is over')
  }
}
