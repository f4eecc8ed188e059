import type { EndedAttempt, EndedRun, LateResult, StretchRow } from '../runs/run.ts'
import type { SinkGap } from './sink.ts'

/** A row of the ledger on its way to a sink, with the names that its numbers have now. */
export type LogRow = { namespaceName: string } & (
  | { kind: 'run'; row: EndedRun }
  | { kind: 'attempt'; row: EndedAttempt; job: number; jobName: string; namespace: number }
  | { kind: 'stretch'; row: StretchRow; jobName: string }
  | { kind: 'late-result'; row: LateResult; jobName: string }
)

export type LogRowKind = LogRow['kind']

/** What a sink says of the rows that it has within an hour, to be compared with the ledger. */
export interface HourSum {
  /** Start of the hour by `endedAt` (run, attempt), `to` (stretch) or `at` (late result), in milliseconds. */
  hour: number
  kind: LogRowKind
  count: number
  /** Sum over the rows of `rowSum`, modulo 2^48. */
  sum: number
}

/** A database that takes rows. Every call may fail, hang until its own timeout, or have been done although it failed. */
export interface SinkTarget {
  /** Creates and migrates tables as far as needed. Throws a `SinkFault`. */
  prepare(): Promise<void>
  /** Writes rows, in order; again what is there already changes nothing. Resolves when they are committed. */
  write(rows: readonly LogRow[]): Promise<void>
  writeGaps(gaps: readonly SinkGap[]): Promise<void>
  /** Counts and sums of rows up to a place in the order, oldest hour first. */
  sums(upTo: readonly [index: number, ordinal: number]): AsyncIterable<HourSum>
  close(): Promise<void>
}
