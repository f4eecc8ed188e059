import type { ProblemCode } from '../problems.ts'
import type { EndedAttempt, EndedRun, LateResult, OpenAttempt, StretchRow } from '../runs/run.ts'

/** Why apply did not accept a command. Recorded by nobody: the proposer receives it. */
export interface Rejection {
  code: ProblemCode
  detail: string
}

/** What changed, for the store. Keys of live things are written as they stand when the batch is gathered. */
export type Change =
  | {
      kind: 'meta' | 'namespace' | 'service' | 'job' | 'progress' | 'run' | 'token' | 'node' | 'member' | 'idempotency'
      id: string | number
    }
  | { kind: 'executor'; service: number; id: string }
  | { kind: 'counters'; job: number }
  | { kind: 'ended-run'; row: EndedRun }
  | { kind: 'ended-attempt'; row: EndedAttempt; job: number }
  | { kind: 'stretch'; row: StretchRow }
  | { kind: 'late-result'; row: LateResult }

/** What happened, for those who act on it. Entries applied while replaying emit none. */
export type Event =
  | { type: 'attempt-started'; run: string; shard: number; attempt: OpenAttempt }
  | { type: 'attempt-ended'; run: string; job: number; attempt: EndedAttempt }
  | { type: 'attempt-aborted'; attempt: string; why: 'cancelled' | 'timed-out' }
  | { type: 'run-queued' | 'run-started'; run: string; job: number }
  | { type: 'run-ended'; run: EndedRun }
  | { type: 'shard-waiting'; run: string; shard: number }
  | { type: 'attempt-accepted'; run: string; attempt: string }
  | { type: 'capacity-freed'; namespace: number; service?: number }
  | { type: 'job-changed'; job: number }
  | { type: 'job-deleted'; job: number; namespace: number; name: string }
  | { type: 'fires-decided'; job: number }
  | { type: 'members-changed' }
  | { type: 'node-changed'; node: string }
  | { type: 'hash-mark'; index: number }
  | { type: 'definitions-changed'; what: 'namespace' | 'service' | 'executor' | 'token' }

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
    fires?: ('started' | 'queued' | 'skipped' | 'duplicate' | 'stale')[]
  }
}
