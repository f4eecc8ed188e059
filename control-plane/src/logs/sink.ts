import type { SealedSecret } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'

/** Where in the ledger's order: a row, by index of its entry and its place in it. */
export type Sequence = readonly [index: number, ordinal: number]

/** A database of somebody's that gets every row of the ledger, in order, each exactly once. */
export interface Sink {
  uid: number
  name: string
  connection: SinkConnection
  /** The password, sealed under the cluster's key; absent when there is none. */
  password?: SealedSecret
  version: number
  createdAt: Millis
  updatedAt: Millis
  createdBy: string
  /** The configuration file names it, and puts it back when a leader takes office. */
  fromFile?: boolean
  /** Gets nothing until it is resumed; rows wait for it as for one that is down. */
  paused: boolean
  /** Every row up to this one is there, or in a gap. `[0, 0]` before the first. */
  cursor: Sequence
  /** How many rows the ledger had been given when the one at the cursor was in it: its number, counted from 1. */
  position: number
  /** Log index at which its cursor began: when it was made, was last given another place, or was set back. */
  since: number
  /** What the ledger had then: rows that it still held, out of those that it had been given. */
  backlog: { rows: number; upTo: number }
  /** Rows delivered so far, those again that somebody had delivered again. */
  rows: number
  /** The cursor was set back for rows up to `to`, after which it goes on at `back`. Absent: it goes on from where it is. */
  resend?: SinkResend
  /** How far it had come when it was set back: what was to go before that, up to here, is nothing that it misses. */
  reached?: Sequence
  /** Ranges whose rows left the ledger before they were delivered; the oldest are merged beyond `SINK_GAPS_MAX`. */
  gaps: SinkGap[]
  /** Since when nothing could be delivered, and why; absent while all is well. */
  trouble?: { since: Millis; error: string }
  /** What was wrong last and is over. */
  lastTrouble?: { since: Millis; until: Millis; error: string }
}

export interface SinkConnection {
  /** MySQL and what speaks its protocol: MariaDB, TiDB, Vitess. */
  kind: 'mysql'
  host: string
  port: number
  user: string
  database: string
  /** `verify`: only over TLS, the certificate verified. `off`: in clear. */
  tls: 'off' | 'verify'
  /** Certificates of those who may have signed the server's, PEM. Absent: whom Node trusts. */
  ca?: string
  /** Begins the names of all tables, e.g. `cronclave_`. */
  tablePrefix: string
}

/** A stretch of rows that is delivered again, which ends before the place that the sink had reached. */
export interface SinkResend {
  to: Sequence
  /** Number of the row there. */
  toPosition: number
  back: { cursor: Sequence; position: number }
}

/** Rows that a sink will never get: those of [from, to]. */
export interface SinkGap {
  from: Sequence
  to: Sequence
  count: number
  /** When they left the ledger. */
  at: Millis
}

/** What can be said of a sink. */
export interface SinkChange {
  connection: SinkConnection
  /** Absent: as it was. Null: none. */
  password?: SealedSecret | null
  /** The configuration file says so; absent: somebody does. */
  fromFile?: boolean
}

export const SINKS_MAX = 16
export const SINK_GAPS_MAX = 100
