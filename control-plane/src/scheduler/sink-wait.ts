import type { Sequence } from '../logs/sink.ts'
import type { LaneStanding } from '../logs/sinks-port.ts'
import type { Clock } from '../runtime/clock.ts'
import type { JobTrim, LedgerTrim, SinkProgress, TrimmedRun } from '../state/commands.ts'
import { lowestCursor } from '../state/sink-gaps.ts'
import { isBefore } from '../state/sinks.ts'
import type { State } from '../state/state.ts'
import type { LedgerSpace } from '../store/ledger-space.ts'

/** Share of the disk that the ledger may take while sinks are waited for, unless the configuration says how much. */
const DISK_SHARE = 0.7
/**
 * Beyond that, so much of what is waited for is let go of, and again so long after, in milliseconds, unless the space
 * shrinks by then: the store gives back the room of what has gone little by little. None once there is so much room again.
 */
const RELEASE_SHARE = 1 / 16
const RELEASE_EVERY_MS = 60_000
const ENOUGH = 0.95

export interface SinkWaitDeps {
  clock: Pick<Clock, 'monotonic'>
  state(): State
  /** Absent: there is always room. */
  space?: (() => Promise<LedgerSpace>) | undefined
  /** @default 0.7 of the disk */
  bytesMax?: number | undefined
  /** How far delivery is, which the state says later. @default as the state says */
  standings?: (() => readonly LaneStanding[]) | undefined
}

/** Which rows stay in the ledger beyond their number because a sink does not have them yet. */
export class SinkWait {
  readonly #deps: SinkWaitDeps
  /** Share of the rows that are waited for, the oldest, that go all the same. */
  #released = 0
  #releasedAt = Number.NEGATIVE_INFINITY
  /** What the ledger took at the last look. */
  #bytes = 0
  #floor: Sequence | undefined

  constructor(deps: SinkWaitDeps) {
    this.#deps = deps
  }

  /** Looks how far the sinks are, and whether there is room to wait for them. */
  async look(): Promise<void> {
    const { state, space, bytesMax } = this.#deps
    const lowest = lowestCursor(state())
    if (!lowest) {
      this.#released = 0
      this.#floor = undefined
      return
    }
    if (space) {
      const { ledgerBytes, diskBytes } = await space()
      const max = bytesMax ?? diskBytes * DISK_SHARE
      if (ledgerBytes > max) this.#release(ledgerBytes)
      else if (ledgerBytes < max * ENOUGH) this.#released = 0
      this.#bytes = ledgerBytes
    }
    const behind = state().index - lowest[0]
    this.#floor = this.#released === 0 ? lowest : [lowest[0] + Math.ceil(behind * this.#released), 0]
  }

  #release(ledgerBytes: number): void {
    const now = this.#deps.clock.monotonic()
    const isShrinking = this.#released > 0 && ledgerBytes < this.#bytes
    if (isShrinking || now - this.#releasedAt < RELEASE_EVERY_MS) return
    this.#released = Math.min(1, this.#released + RELEASE_SHARE)
    this.#releasedAt = now
  }

  /** How far sinks are that have not said so yet, for the entry that removes rows. */
  delivered(): Pick<LedgerTrim, 'delivered'> {
    const { sinks } = this.#deps.state()
    const delivered: SinkProgress[] = []
    for (const { sink, since, cursor, position, rows } of this.#standings()) {
      const known = sinks.get(sink)
      if (known?.since === since && isBefore(known.cursor, cursor)) {
        delivered.push({ sink, since, cursor, position, rows })
      }
    }
    return delivered.length === 0 ? {} : { delivered }
  }

  /** Without what a sink is being given right now: it goes a round later, when it is known whether that was missed. */
  withoutUnderWay(part: JobTrim): JobTrim {
    if (!this.#standings().some(({ underWayTo }) => underWayTo)) return part
    const runs = part.runs.filter((run) => !rowsOf(run).some((row) => this.isUnderWay(row)))
    return { ...part, runs, stretches: part.stretches.filter(({ sequence }) => !this.isUnderWay(sequence)) }
  }

  isUnderWay(row: Sequence): boolean {
    return this.#standings().some(
      ({ cursor, underWayTo }) => underWayTo && isBefore(cursor, row) && !isBefore(underWayTo, row),
    )
  }

  #standings(): readonly LaneStanding[] {
    return this.#deps.standings?.() ?? []
  }

  /** Whether a row stays for a sink. */
  isAwaited(sequence: Sequence): boolean {
    return this.#floor !== undefined && isBefore(this.#floor, sequence)
  }
}

/** Rows of a run that sinks may still wait for: attempts, and its own. */
function rowsOf({ sequence, waiting = [] }: TrimmedRun): Sequence[] {
  const rows: Sequence[] = []
  for (let at = 0; at + 1 < waiting.length; at += 2) rows.push([waiting[at] as number, waiting[at + 1] as number])
  return [...rows, sequence]
}
