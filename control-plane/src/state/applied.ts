import type { Episode } from '../alerts/episode.ts'
import type { DefinitionRow } from '../jobs/job.ts'
import type { ProblemCode } from '../problems.ts'
import type {
  EndedAttempt,
  EndedRun,
  LateResult,
  OpenAttempt,
  OpenRun,
  Shard,
  SkipReason,
  StretchRow,
} from '../runs/run.ts'
import type { DayRow, TrimmedRun, TrimmedStretch } from './commands.ts'
import type { Holder, KvEntry, Lock } from './kv-types.ts'

/** Why apply did not accept a command. Recorded by nobody: the proposer receives it. */
export interface Rejection {
  code: ProblemCode
  detail: string
}

/** What changed, for the store. Keys of live things are written as they stand when the batch is gathered. */
export type Change =
  | {
      kind:
        | 'meta'
        | 'namespace'
        | 'service'
        | 'job'
        | 'progress'
        | 'run'
        | 'backfill'
        | 'token'
        | 'node'
        | 'member'
        | 'idempotency'
        | 'lease'
        | 'lock'
        | 'notice'
        | 'alert-rule'
        | 'channel'
        | 'silence'
        | 'episode'
        | 'alert-message'
        | 'alert-tally'
        | 'sink'
        | 'signing-key'
        | 'manifest'
        | 'former-job'
      id: string | number
    }
  | { kind: 'executor'; service: number; id: string }
  | { kind: 'kv'; namespace: number; key: string }
  | { kind: 'counters'; job: number }
  /** A part of a split run; `run` says that all of it changed. */
  | { kind: 'shard'; run: string; shard: number }
  | { kind: 'ended-run'; row: EndedRun }
  | { kind: 'ended-attempt'; row: EndedAttempt; job: number; namespace: number }
  | { kind: 'stretch'; row: StretchRow }
  | { kind: 'late-result'; row: LateResult }
  | { kind: 'definition'; row: DefinitionRow }
  | { kind: 'definition-gone'; gone: Pick<DefinitionRow, 'job' | 'ordinal'> }
  | { kind: 'run-gone'; gone: TrimmedRun & { job: number; namespace: number } }
  | { kind: 'stretch-gone'; gone: TrimmedStretch & { job: number } }
  | { kind: 'late-result-gone'; gone: Pick<LateResult, 'run' | 'sequence'> }
  | { kind: 'day'; row: DayRow }
  | { kind: 'day-gone'; gone: Pick<DayRow, 'day' | 'first'> }
  | { kind: 'outbox-gone'; gone: { index: number } }
  | { kind: 'counters-gone'; gone: { hour: number; owner: number } }

/** What happened, for those who act on it. Entries applied while replaying emit none. */
export type Event =
  | { type: 'attempt-started'; run: string; shard: number; attempt: OpenAttempt }
  | { type: 'attempt-ended'; run: string; job: number; attempt: EndedAttempt }
  /** `accepted`: of one that its executor took on, what is known of it. */
  | {
      type: 'attempt-aborted'
      attempt: string
      why: 'cancelled' | 'timed-out'
      accepted?: { run: OpenRun; shard: Shard; attempt: OpenAttempt }
    }
  | { type: 'run-queued' | 'run-started'; run: string; job: number }
  | { type: 'run-ended'; run: EndedRun }
  /** A run was to start a child that is not there any more. */
  | { type: 'child-missing'; run: string; job: number; child: string }
  | { type: 'shard-waiting'; run: string; shard: number }
  | { type: 'attempt-accepted'; run: string; attempt: string }
  | { type: 'capacity-freed'; namespace: number; service?: number }
  | { type: 'job-changed'; job: number }
  | { type: 'job-deleted'; job: number; namespace: number; name: string }
  /** `due`: how many of them there were; `missed`: those that nobody was there to find in time. */
  | { type: 'fires-decided'; job: number; due: number; missed: number }
  | { type: 'fires-skipped'; job: number; namespace: number; reason: SkipReason; count: number }
  /** Without `entry` the key has gone. */
  | { type: 'kv-changed'; namespace: number; key: string; index: number; entry?: KvEntry }
  /** A lease was made, or a sign of life came through the log. */
  | { type: 'lease-kept'; lease: string; ttlMs: number }
  | { type: 'lease-ended'; lease: string }
  /** Without `holder` nobody holds it any more. */
  | { type: 'lock-changed'; lock: Pick<Lock, 'kind' | 'namespace' | 'name'>; index: number; holder?: Holder }
  | { type: 'members-changed' }
  | { type: 'node-changed'; node: string }
  /** A notice was made, or sent. */
  | { type: 'notice-due'; notice: number }
  /** It was made, changed, paused, resumed or removed; not: it got rows. */
  | { type: 'sink-changed'; sink: number }
  /** Rows left the ledger that it had not got. */
  | { type: 'sink-missed'; sink: number }
  | { type: 'alert-changed'; episode: Episode }
  /** A message to a channel was made, or sent. */
  | { type: 'alert-message-due'; message: number }
  /** A channel has had enough for now, and owes a summary. */
  | { type: 'alert-put-off'; channel: number }
  | { type: 'hash-mark'; index: number }
  | { type: 'definitions-changed'; what: 'namespace' | 'service' | 'executor' | 'token' | 'alerting' }

/** Where a claim to a lock stands: held, or behind so many others. */
export type ClaimState = { held: true; fencingToken: number } | { held: false; before: number }

export interface Applied {
  changes: Change[]
  events: Event[]
  rejection?: Rejection
  /** What the command made: a uid, a run id, a version. */
  value?: {
    uid?: number
    run?: string
    version?: number
    replayed?: boolean
    createIndex?: number
    silence?: string
    message?: number
    claim?: ClaimState
    /** Runs that a trim removed, and those that it left because others need or had changed them. */
    trimmed?: { runs: number; spared: number }
    fires?: ('started' | 'queued' | 'skipped' | 'duplicate' | 'stale')[]
  }
}
