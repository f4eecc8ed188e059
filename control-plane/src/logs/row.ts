import type { EndedAttempt, EndedRun, LateResult, StretchRow } from '../runs/run.ts'
import type { Sequence, SinkGap } from './sink.ts'

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
  /** Rows that are no longer as they were written, where the sink can say so without the ledger. */
  altered?: number
}

/** That a row is there, and its `rowSum`. */
export type RowMark = readonly [index: number, ordinal: number, sum: number]

/** A database that takes rows. Every call may fail, hang until its own timeout, or have been done although it failed. */
export interface SinkTarget {
  /** Creates and migrates tables as far as needed. Throws a `SinkFault`. */
  prepare(): Promise<void>
  /** What it says that it is, and its version; absent where there is nothing to ask. */
  server?(): Promise<string>
  /** Writes rows, in order; again what is there already changes nothing. Resolves when they are committed. */
  write(rows: readonly LogRow[]): Promise<void>
  /** All gaps that there are: one that is there and not among these has been joined with another. */
  writeGaps(gaps: readonly SinkGap[]): Promise<void>
  /** Counts and sums of rows up to a place in the order, oldest hour first. */
  sums(upTo: Sequence): AsyncIterable<HourSum>
  /** The rows of one kind in one hour up to a place, in order, some at a time: what has left the ledger is there still. */
  rowsOf(kind: LogRowKind, hour: number, upTo: Sequence): AsyncIterable<readonly RowMark[]>
  close(): Promise<void>
}
