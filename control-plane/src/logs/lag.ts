import type { Millis } from '../runtime/clock.ts'
import { isBefore } from '../state/sinks.ts'
import type { State } from '../state/state.ts'
import type { Place } from './outbox-reader.ts'
import type { Sink } from './sink.ts'
import type { SinkFigures } from './sinks-port.ts'

/** Seconds over which the pace is measured. */
const PACE_SECONDS = 10

/** How many rows a sink does not have yet; `rows`: those that it was given. Exact once it has what was there before it. */
export function lagOf(
  { ledgerRows }: Pick<State, 'ledgerRows'>,
  { backlog, gaps, resend }: Pick<Sink, 'backlog' | 'gaps' | 'resend'>,
  { cursor, position }: Place,
  rows: number,
): Pick<SinkFigures, 'lagRows' | 'backfill'> {
  if (resend && isBefore(cursor, resend.to)) {
    return { lagRows: resend.toPosition - position + Math.max(0, ledgerRows - resend.back.position) }
  }
  if (position >= backlog.upTo) {
    const lost = gaps.reduce((sum, { from, count }) => sum + (isBefore(cursor, from) ? count : 0), 0)
    return { lagRows: Math.max(0, ledgerRows - position - lost) }
  }
  // Numbers of rows that had gone before say nothing: what was there then was counted.
  const lost = gaps.reduce((sum, { count }) => sum + count, 0)
  const total = Math.max(0, backlog.rows - lost)
  const done = Math.min(rows, total)
  return { lagRows: total - done + Math.max(0, ledgerRows - backlog.upTo), backfill: { done, total } }
}

/** Counts what is done over the last seconds. */
export class Pace {
  readonly #counts = Array.from({ length: PACE_SECONDS + 1 }, () => 0)
  #second = 0

  add(count: number, monotonic: Millis): void {
    this.#turn(monotonic)
    const at = this.#second % this.#counts.length
    this.#counts[at] = (this.#counts[at] ?? 0) + count
  }

  /** Per second, over whole seconds. */
  perSecond(monotonic: Millis): number {
    this.#turn(monotonic)
    const present = this.#counts[this.#second % this.#counts.length] ?? 0
    return Math.round((this.#counts.reduce((sum, count) => sum + count, 0) - present) / PACE_SECONDS)
  }

  #turn(monotonic: Millis): void {
    const second = Math.floor(monotonic / 1000)
    const first = Math.max(this.#second + 1, second - this.#counts.length + 1)
    for (let passed = first; passed <= second; passed++) this.#counts[passed % this.#counts.length] = 0
    this.#second = Math.max(this.#second, second)
  }
}
