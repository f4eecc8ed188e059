import type { Executor, SealedSecret, Service, ServiceSigning } from '../discovery/executor.ts'
import type { ExecutorCommand } from './executor-commands.ts'
import type { Json, RetentionRule } from '../jobs/job.ts'
import type { NextFire } from '../jobs/schedule.ts'
import type { AttemptOutcome, Cause, LogLine, Progress, RunError, SkipReason } from '../runs/run.ts'
import type { BackfillFire } from '../runs/backfill.ts'
import type { EndedRun, Shard, StretchRow } from '../runs/run.ts'
import type { KeptOutput } from '../runs/kept-output.ts'
import type { TraceContext } from '../runs/trace.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Sequence, SinkChange } from '../logs/sink.ts'
import type { FireCount, JobPut } from './job-commands.ts'
import type { LockKind } from './kv-types.ts'
import type { AlertCommand } from './alert-commands.ts'
import type { Senders } from './senders.ts'
import type { KeyPair } from './signing-keys.ts'
import type { Member, NodeAbout, Scope } from './state.ts'

export type { FireCount, JobPut } from './job-commands.ts'

/**
 * Version of the command vocabulary that this build writes, the highest that it applies, and so the highest version of a
 * cluster that it can take part in.
 */
export const COMMAND_VERSION = 1

/** Everything that changes replicated state. Time, chance and whatever was read from elsewhere ride inside. */
export type Command = { at: Millis } & (
  | { kind: 'cluster-init'; cluster: string; namespaceSlots: number }
  | { kind: 'node-up'; node: string; incarnation: number; about?: NodeAbout }
  | { kind: 'node-down'; node: string; incarnation: number }
  | { kind: 'member-put'; member: Member }
  | { kind: 'member-delete'; member: string }
  | { kind: 'member-update'; member: string; change: MemberChange }
  | { kind: 'member-join'; member: string; change: MemberChange; from?: string }
  | { kind: 'cluster-version'; version: number }
  | { kind: 'cluster-reset'; cluster: string; member: Member; fencingRaise: number }
  | { kind: 'hash-mark' }
  | { kind: 'namespace-put'; name: string; change: NamespaceChange; ifVersion?: number | 'new' }
  | { kind: 'namespace-pause'; name: string; by: string; paused: boolean; ifVersion?: number }
  | { kind: 'scheduler-pause'; by: string; paused: boolean }
  | { kind: 'namespace-delete'; name: string; ifVersion?: number }
  | { kind: 'service-put'; namespace: number; name: string; change: ServiceChange; ifVersion?: number | 'new' }
  | SigningKeyPut
  | { kind: 'signing-key-activate'; id: string; force?: boolean }
  | { kind: 'signing-key-delete'; id: string; force?: boolean }
  | { kind: 'service-delete'; service: number; ifVersion?: number }
  | { kind: 'executor-put'; service: number; id: string; change: ExecutorChange; ifVersion?: number | 'new' }
  | ExecutorCommand
  | { kind: 'executor-delete'; service: number; id: string; boot?: string; ifVersion?: number }
  /** Circuit breakers that have been open for long enough. */
  | { kind: 'breakers-half-open'; executors: { service: number; id: string }[] }
  /** What the leader's health checks found; `url` is where it asked. */
  | { kind: 'executor-health'; executors: { service: number; id: string; url: string; healthy: boolean }[] }
  | { kind: 'namespace-rename'; name: string; to: string; ifVersion?: number }
  | JobPut
  | { kind: 'job-delete'; job: number; ifVersion?: number; force: boolean }
  | { kind: 'job-pause'; job: number; by: string; fires?: FireCount; ifVersion?: number }
  | {
      kind: 'job-resume'
      job: number
      by: string
      fires?: FireCount
      /** Up to when `fires` were counted, and after when `next` is; the schedules go on from there. */
      from?: Millis
      next?: NextFire
      ifVersion?: number
    }
  | { kind: 'job-quarantine'; job: number; version: number; fault: string }
  /** `incarnation`: under which the node planned them and sends what starts; as another one it starts nothing. */
  | (Senders & { kind: 'decide-fires'; incarnation?: number; decisions: FireDecision[] })
  | RunRequest
  | (Senders & { kind: 'place-shards'; incarnation?: number; placements: Placement[] })
  | { kind: 'attempts-accepted'; accepted: { attempt: string; leaseMs: number }[] }
  | { kind: 'attempts-finished'; finishes: AttemptFinish[] }
  | AttemptReport
  /** Without `error` it was taken; without `nextAt` it is not sent again. */
  | { kind: 'notices-sent'; results: { notice: number; error?: string; nextAt?: Millis }[] }
  | { kind: 'runs-expired'; runs: { id: string; why: 'queue-ttl' | 'run-timeout' | 'no-executor' | 'no-slot' }[] }
  | { kind: 'run-cancel'; run: string; by: string }
  | { kind: 'sink-put'; name: string; change: SinkChange; by: string; ifVersion?: number | 'new' }
  | { kind: 'sink-pause'; sink: number; paused: boolean; ifVersion?: number }
  | { kind: 'sink-delete'; sink: number; ifVersion?: number }
  | SinkResendCommand
  | { kind: 'sinks-progress'; sinks: SinkProgress[] }
  | RunRerun
  | BackfillStart
  | { kind: 'backfill-cancel'; backfill: string; by: string }
  | { kind: 'token-put'; id: string; hash: string; scope: Scope; name: string; expiresAt?: Millis; by: string }
  | { kind: 'token-revoke'; id: string }
  | LedgerTrim
  /** Registered executors that have been offline for long; one that was changed since it was looked at stays. */
  | { kind: 'executors-gone'; executors: { service: number; id: string; version: number }[] }
  | KvPut
  | { kind: 'kv-delete'; namespace: number; key: string; condition?: KvCondition }
  | { kind: 'lease-grant'; namespace: number; lease: string; ttlMs: number; by: string }
  | { kind: 'leases-kept'; leases: string[] }
  | { kind: 'lease-revoke'; namespace: number; lease: string }
  /** `asOf`: up to which index the leader had heard of signs of life that went through the log. */
  | { kind: 'leases-expired'; leases: string[]; asOf: number }
  | AlertCommand
  | LockClaim
  /** `onlyWaiting`: a lock that the lease holds meanwhile stays its own. */
  | { kind: 'lock-release'; namespace: number; lock: LockKind; name: string; lease: string; onlyWaiting?: boolean }
)

export type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>

export type MemberChange = Partial<Pick<Member, 'name' | 'address' | 'apiUrl'>>

export interface NamespaceChange {
  description: string
  /** Shards that may be placed at once in this namespace. */
  slots: number
  queuedRunsMax: number
  /** For jobs that say nothing themselves. */
  retention?: RetentionRule
}

export type ServiceChange = Pick<Service, 'description' | 'allowedHosts' | 'healthCheck'> & {
  secrets?: SealedSecret[]
  signing?: ServiceSigning | 'hmac'
}

export type ExecutorChange = Pick<Executor, 'kind' | 'url' | 'weight' | 'slots' | 'labels' | 'status'> & {
  bootId?: string
}

/** A pair of keys that somebody made. */
export interface SigningKeyPut extends Pick<KeyPair, 'id' | 'alg' | 'issuer' | 'x' | 'y' | 'sealed'> {
  kind: 'signing-key-put'
  /** Nothing when a key of the algorithm signs already. */
  onlyFirst?: boolean
}

/** What the leader proposes for the fires of one job; `apply` is the referee. Fires in ascending order. */
export interface FireDecision {
  job: number
  /** Version of the job that the decision was made at; another one makes it `stale`. */
  version: number
  /** Missed fires that do not start, oldest first; each stretch covers consecutive fires. */
  skipped?: { reason: SkipReason; from: Millis; to: Millis; count: number; into?: string }[]
  /** The fires that may start, oldest first: one, or several under `run-all`. */
  fires: FireStart[]
  /** The next fire after the last one decided; absent when there is none. */
  next?: NextFire
  /** No schedule of the job will ever be due again. */
  ended?: boolean
}

export interface FireStart {
  /** Id of the run, hash(job uid, fire time). */
  run: string
  fireTime: Millis
  dueTime: Millis
  schedules: string[]
  cause: 'schedule' | 'misfire'
  /** Decided without starting, e.g. `dst-gap`. */
  skip?: SkipReason
  /** Executor of an unsharded run; absent when none is free. `-` for a target with a URL of its own. */
  place?: string[]
  trace?: TraceContext
  /** The parts of a sharded or broadcast run; absent when there is no executor to split it over. */
  shards?: ShardPlan[]
}

/** A part of a run, and where it goes; without `executor` it waits for a place. */
export interface ShardPlan {
  items?: string[]
  executor?: string
  /** No other executor may take it. */
  bound?: boolean
}

export interface RunRequest {
  kind: 'run-request'
  job: number
  /** Drawn where the request enters. */
  run: string
  cause: Extract<Cause, 'manual' | 'api'>
  /** Overrides, merged over the job's own. */
  params?: { [key: string]: Json }
  /** Nominal time, if the caller gave one. */
  fireTime?: Millis
  /** The executor that it is for; no other takes it. */
  executor?: string
  trace?: TraceContext
  by: string
  idempotency?: Idempotency
}

export interface Idempotency {
  key: string
  /** Who asked, and for what if it is not a trigger. */
  principal: string
  bodyHash: string
}

/** Does a finished run again. What the ledger says of it rides along. */
export interface RunRerun {
  kind: 'run-rerun'
  job: number
  original: Pick<EndedRun, 'id' | 'fireTime' | 'schedules' | 'parent'>
  /** Those of the original, with overrides. */
  params: { [key: string]: Json }
  /** The parts that are done again, as they were. Absent: it is split anew. */
  shards?: Pick<Shard, 'items' | 'was' | 'bound'>[]
  executor?: string
  trace?: TraceContext
  by: string
  idempotency?: Idempotency
}

/** Runs a past range of a job's schedules again. */
export interface BackfillStart {
  kind: 'backfill-start'
  /** Drawn where the request enters. */
  backfill: string
  job: number
  from: Millis
  to: Millis
  /** Oldest first, `BACKFILL_FIRES_MAX` at most. */
  fires: BackfillFire[]
  parallel: number
  overlap?: 'allow'
  params?: { [key: string]: Json }
  executor?: string
  by: string
  idempotency?: Idempotency
}

/**
 * Rows that leave the ledger, named one by one: whoever proposes it has read them, so that every node removes the same.
 * At most some hundred of each.
 */
export interface LedgerTrim {
  kind: 'ledger-trim'
  /** Applied index before the rows were read: of a job whose rows were trimmed since, nothing goes. */
  asOf: number
  jobs: JobTrim[]
  /** How far sinks are that have not said so yet: what they have been given is nothing that they miss. */
  delivered?: SinkProgress[]
  /** Entries of the outbox whose rows have all gone and that no sink is before. */
  outbox?: number[]
  /** Jobs that are gone and have no rows any more. */
  formerJobs?: number[]
  /** Late results of runs that have gone already. */
  late?: { run: string; sequence: readonly [index: number, ordinal: number] }[]
  /** Counters of hours that nobody asks for any more, of jobs and namespaces. */
  counters?: { hour: Millis; owner: number }[]
  /** Rows of days, made of the counters of their hours. */
  days?: DayRow[]
  /** The days before this one have all their rows. */
  countedTo?: Millis
  /** Rows of days that nobody asks for any more. */
  daysGone?: Pick<DayRow, 'day' | 'first'>[]
}

/** What ended on one day, UTC, for some owners of counters in a row. */
export interface DayRow {
  /** When it begins. */
  day: Millis
  /** The lowest owner in it, by which it is found. */
  first: number
  /** See `stats/day-pack.ts`. */
  pack: Uint8Array
}

export interface JobTrim {
  job: number
  namespace: number
  runs: TrimmedRun[]
  stretches: TrimmedStretch[]
}

/** What names the row of a run and those of its attempts. */
export type TrimmedRun = Pick<
  EndedRun,
  'id' | 'state' | 'fireTime' | 'sequence' | 'parent' | 'rerunOf' | 'backfill'
> & {
  /** How many it made, for each of its shards. */
  attempts: number[]
  /** Sequences of those that some sink still waits for: index, ordinal, index, ordinal, … */
  waiting?: number[]
}

export type TrimmedStretch = Pick<StretchRow, 'from' | 'sequence'>

/** Delivers rows again: those behind `from`, up to the one at `to`. */
export interface SinkResendCommand {
  kind: 'sink-resend'
  sink: number
  from: { cursor: Sequence; position: number }
  to: { cursor: Sequence; position: number }
  ifVersion?: number
}

/** What the leader has found out about a sink since it last said so. */
export interface SinkProgress {
  sink: number
  /** Of the sink that it is about: what is said of one that has begun anew since is of no use. */
  since: number
  /** How far it is, and the number of the row there; absent when it is where it was. */
  cursor?: Sequence
  position?: number
  /** Rows delivered up to there, in all. */
  rows: number
  /** Why nothing can be delivered at the moment; absent when something can. */
  error?: string
}

/** What a key must be like for a change: at this index, there, or not there. */
export type KvCondition = number | 'present' | 'absent'

export interface KvPut {
  kind: 'kv-put'
  namespace: number
  key: string
  value: Uint8Array
  /** @default application/octet-stream */
  contentType?: string
  lease?: string
  condition?: KvCondition
}

export interface LockClaim {
  kind: 'lock-claim'
  namespace: number
  lock: LockKind
  name: string
  /** A lease that exists; with `ttlMs` the id of one that is made for this claim. */
  lease: string
  ttlMs?: number
  /** False: refuse when somebody else holds it. */
  wait: boolean
  value?: string
  by: string
}

/** Places shards of a queued run, a retry, a failover or a redispatch. */
export interface Placement {
  run: string
  /** -1 for a run that has not been split yet: `shards` says how. */
  shard: number
  shards?: ShardPlan[]
  /** Of the job by which it was split: another one makes it `stale`. */
  version?: number
  /** Attempts started when it was planned; another number makes it `stale`. */
  attempts: number
  executor: string
}

/** What an executor says of an attempt that is under way. */
export interface AttemptReport {
  kind: 'attempt-report'
  attempt: string
  /** Until when it asks to go on; granted at most until the run's own timeout. */
  deadline?: Millis
  progress?: Progress
  logs?: LogLine[]
  /** How many lines came before these, if the executor says so. */
  logsFrom?: number
  /** Where lines are kept that are not here. */
  output?: KeptOutput
  /** How many bytes those have. */
  outputBytes?: number
}

/** How an attempt ended, as its dispatching node (or the leader, for deadlines) saw it. */
export interface AttemptFinish {
  attempt: string
  /** The job it belongs to, so that a late result still finds its place. */
  job: number
  outcome: AttemptOutcome
  sentAt?: Millis
  endedAt: Millis
  status?: number
  error?: RunError
  result?: Json
  logs?: LogLine[]
  /** As in a report. */
  logsFrom?: number
  /** Where lines are kept that are not here. */
  output?: KeptOutput
  progress?: Progress
  /** False: no retry and no failover, whatever the policy says. */
  retryable: boolean
  retryAfterMs?: number
  /** The connection failed before any byte was sent: counts towards the circuit breaker. */
  connectionFailed?: boolean
  /** Where the attempt belongs in a trace. */
  trace?: TraceContext
  /** Chance for the jitter of a retry, in [0, 1). */
  chance: number
}
