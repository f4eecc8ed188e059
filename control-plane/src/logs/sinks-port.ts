import type { Millis } from '../runtime/clock.ts'
import type { SinkProgress } from '../state/commands.ts'
import type { Place } from './outbox-reader.ts'
import type { LogRowKind } from './row.ts'
import type { Sequence, Sink, SinkConnection } from './sink.ts'
import type { SinkReader } from './sink-reader.ts'

/** What the API asks about sinks, besides what is in the state. */
export interface SinksPort {
  /** What the leader measures, by uid of the sink; undefined when no leader says so. */
  figures(): Promise<ReadonlyMap<number, SinkFigures> | undefined>
  /** Tries a connection from this node; what is wrong is an answer. */
  test(connection: SinkConnection, password: string | undefined): Promise<SinkTest>
  /** Compares what a sink has with the ledger; throws a `SinkFault`, and a Problem while it is at work already. */
  verify(sink: Sink, signal: AbortSignal): AsyncIterable<VerifyStep>
  /** Finds what a sink could be given again. */
  planResend(sink: Sink, range: ResendRange): Promise<ResendPlan>
  /** Asks the first sink that is well, and the next when it cannot answer, or when what it says does not suffice. */
  read<T>(ask: (reader: SinkReader) => Promise<T>, suffices?: (value: T) => boolean): Promise<SinkAnswer<T>>
}

/** Rows that a sink is to be given again: from an instant or a row on, up to an instant. */
export interface ResendRange {
  from?: Millis
  fromSequence?: Sequence
  /** @default what it was given last */
  to?: Millis
}

/** What of a range the ledger still has. */
export interface ResendPlan {
  /** Places before the first row, and at the last one. */
  from: Place
  to: Place
  rows: number
  /** There are more: no further ones were counted. */
  more: boolean
  gaps: ResendGap[]
}

/** Rows of the range that have left the ledger: between two that are there. */
export interface ResendGap {
  after: Sequence
  before: Sequence
  count: number
}

/** How far delivery to a sink is, as the leader measures it. */
export interface SinkFigures {
  /** Rows of the ledger that it does not have yet, and the age of the oldest of them. */
  lagRows: number
  lagMs: number
  /** Delivered over the last seconds. */
  rowsPerSecond: number
  /** Of the rows that were there before it, while it is given those. */
  backfill?: { done: number; total: number }
  /** Where it is, which the state says up to a second later. */
  place: SinkPlace
}

/** What a sink has been given and said that it has. */
export type SinkPlace = Required<Pick<SinkProgress, 'since' | 'cursor' | 'position' | 'rows'>>

/** How a lane stands at the moment. */
export interface LaneStanding extends SinkPlace {
  sink: number
  /** What it is being given, up to here, may be there soon. */
  underWayTo?: Sequence
}

/** What trying a connection found: the steps in their order, of which only the last may have failed. */
export interface SinkTest {
  ok: boolean
  /** What the server says that it is, and its version. */
  server?: string
  steps: SinkTestStep[]
  tookMs: number
}

export interface SinkTestStep {
  step: 'connect' | 'tls' | 'login' | 'database' | 'tables' | 'write'
  ok: boolean
  detail?: string
  /** What to do about it. */
  nextStep?: string
}

export type VerifyStep = { progress: VerifyProgress } | { report: VerifyReport }

export interface VerifyProgress {
  /** What is being read. */
  phase: 'ledger' | 'sink'
  rows: number
}

/** What a comparison came to. */
export interface VerifyReport {
  equal: boolean
  /** The last row that was compared. */
  upTo: Sequence
  hours: number
  /** Of the ledger. */
  rows: number
  /**
   * `sink`: rows of those looked at that it has as they are; `extra`: rows that it has and the ledger never had, absent
   * when there is none. The oldest hours first, `VERIFY_DIFFERENCES_MAX` at most.
   */
  differences: { hour: number; kind: LogRowKind; ledger: number; sink: number; extra?: number }[]
  /** Differences that are not listed. */
  more: number
}

export const VERIFY_DIFFERENCES_MAX = 1000

/** `asked`: sinks that were to answer and did not, with why. */
export type SinkAnswer<T> = { sink: string; value: T } | { sink?: never; failed: { sink: string; why: string }[] }
