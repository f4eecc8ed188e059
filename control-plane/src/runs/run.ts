import type { Millis } from '../runtime/clock.ts'
import type { KeptOutput } from './kept-output.ts'
import type { TraceContext } from './trace.ts'
import type { ChildMoment, Json } from '../jobs/job.ts'

export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'timed-out' | 'cancelled' | 'lost' | 'skipped'
export type OpenRunState = 'queued' | 'running'
export type EndedRunState = Exclude<RunState, OpenRunState>
export const ENDED_STATES: readonly EndedRunState[] = [
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'lost',
  'skipped',
]

export type Cause = 'schedule' | 'misfire' | 'manual' | 'api' | 'child' | 'rerun' | 'backfill'

/** Why a fire did not start. */
export type SkipReason =
  | 'misfire-threshold'
  | 'coalesced'
  | 'overlap'
  | 'max-concurrent'
  | 'paused'
  | 'outside-window'
  | 'dst-gap'
  | 'no-slot'
  | 'no-executor'
  | 'expired'
  | 'quarantined'

/** What ended an attempt. `refused`: certain that nothing was started. `uncertain`: it may have been. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'timed-out' | 'refused' | 'uncertain'

/** An error for people and scripts; `code` is stable, lower-case, with hyphens. */
export interface RunError {
  code: string
  message: string
  name?: string
}

/** One request to one executor for one shard, while it is open. */
export interface OpenAttempt {
  /** `<run id>-<shard>-<ordinal>`, without dots: it is the webhook-id. */
  id: string
  /** 1 for the shard's first. */
  ordinal: number
  fencingToken: number
  /** Executor id within the service; `-` for an `http` target with a URL of its own. */
  executor: string
  /** Boot id of the executor instance when the attempt was started, if it has one. */
  bootId?: string
  node: string
  incarnation: number
  startedAt: Millis
  /** Absolute; any leader enforces it. */
  deadline: Millis
  /** Attempts whose outcome is unknown and that this one stands for. */
  supersedes: string[]
  /** Set once the executor answered 202. */
  acceptedAt?: Millis
  leaseUntil?: Millis
  /** What the executor has said of it so far. */
  progress?: Progress
  logs?: LogLine[]
  /** Where lines are kept that are not here. */
  output?: KeptOutput
  /** How many bytes those have. */
  outputBytes?: number
}

/** How far an attempt is. */
export interface Progress {
  done: number
  total?: number
  note?: string
}

/** Where a run comes from that no schedule made. */
export interface Origin {
  /** The run whose end started this one. */
  parent?: { run: string; moment: ChildMoment }
  /** The run that this one does again. */
  rerunOf?: string
  /** Id of the backfill that asked for it. */
  backfill?: string
  /** The executor that its requester chose: no other takes it. */
  executor?: string
}

/** How an attempt of a shard ended, and where. */
export interface ShardOutcome {
  executor?: string
  outcome: AttemptOutcome
  error?: RunError
}

/** One part of a run. An unsharded run has one, index 0. */
export interface Shard {
  index: number
  /** What it is to work on; fixed when the run is planned. Absent unless the job is sharded. */
  items?: string[]
  /** What its executor is told instead of its place here: it does a part of an earlier run again. */
  was?: { index: number; total: number }
  /** The only executor that it is for, under `broadcast`, or because the requester chose it. */
  bound?: string
  state: 'waiting' | 'running' | 'succeeded' | 'failed'
  attempt?: OpenAttempt
  /** Attempts started so far. */
  attempts: number
  /** Retries used on the present executor. */
  retries: number
  /** Retries after which all executors are asked anew, since the last one left had refused. Absent: none. */
  refusals?: number
  /** Uncertain outcomes in a row. */
  redispatches: number
  /** Attempts of unknown outcome that the next attempt supersedes. */
  supersedes: string[]
  /** Executors already tried and given up, in order. */
  tried: string[]
  /** Those of them that were called and have no retry left: who asks busy ones again does not ask these. Absent: none. */
  spent?: string[]
  /** Retries used on those that have refused since: who is asked again has the others left. Absent: none. */
  retried?: Record<string, number>
  /** The executor whose slot it holds … */
  placedOn?: string
  /** … and the uid of its service: the job may name another one by now. Absent for a target with a URL of its own. */
  placedIn?: number
  /** Boot id of the instance that the last attempt went to, if it has one. */
  bootId?: string
  /** When a waiting shard may start again. */
  retryAt?: Millis
  /** How its last attempt ended, after which there was to be another: how it ends when nobody is left to make that. */
  last?: ShardOutcome
  /** How it ended, while the run is open for other shards. */
  ended?: ShardOutcome
}

/** A run that has not ended: lives in memory and under its own key in Level. */
export interface OpenRun extends Origin {
  id: string
  job: number
  namespace: number
  cause: Cause
  state: OpenRunState
  /** Nominal instant; for requests the moment at which they entered. */
  fireTime: Millis
  /** fireTime plus jitter: lateness is measured from here. */
  dueTime: Millis
  createdAt: Millis
  startedAt?: Millis
  /** Version of the job's definition it runs under. */
  jobVersion: number
  params: { [key: string]: Json }
  requestedBy?: string
  schedules: string[]
  /** Empty while a sharded or broadcast run has not been planned. */
  shards: Shard[]
  /** Parts that have not ended, of a run that was split; derived, not stored. */
  partsLeft?: number
  /** Log index of the entry that made it: its place in every queue. */
  sequence: number
  /** Its place among the runs of its job that this entry made. Absent: the first. */
  ordinal?: number
  previousFire?: Millis
  /** Where it belongs in a trace; absent unless somebody traces. */
  trace?: TraceContext
}

/** How a shard of a finished run ended. Its result stands in the row of its last attempt. */
export interface EndedShard {
  index: number
  items?: string[]
  was?: { index: number; total: number }
  outcome: AttemptOutcome
  attempts: number
  executor?: string
  error?: RunError
}

/** A finished run, as the ledger keeps it. Immutable. */
export interface EndedRun extends Omit<Origin, 'executor'> {
  id: string
  job: number
  jobName: string
  namespace: number
  cause: Cause
  state: EndedRunState
  fireTime: Millis
  dueTime: Millis
  createdAt: Millis
  startedAt?: Millis
  endedAt: Millis
  jobVersion: number
  params: { [key: string]: Json }
  requestedBy?: string
  schedules: string[]
  attempts: number
  /** Of the shards of a sharded or broadcast run. */
  shardEnds?: EndedShard[]
  /** In place of them, where lists read a run of many shards: attempts by shard, and how many shards succeeded. */
  endsApart?: { attempts: number[]; succeeded: number }
  executor?: string
  result?: Json
  error?: RunError
  /** Where its last attempt belongs in a trace: what it leads to goes on from there. */
  trace?: TraceContext
  /** Why it was skipped. */
  reason?: SkipReason
  /** For `coalesced`: the run it went into. */
  into?: string
  /** Log index of the entry that made it. Absent: the one that ended it did. */
  entry?: number
  /** Position in the log: index of the entry that ended it and ordinal within it. */
  sequence: readonly [index: number, ordinal: number]
}

/** A finished attempt, as the ledger keeps it. Immutable. */
export interface EndedAttempt {
  id: string
  run: string
  shard: number
  ordinal: number
  fencingToken: number
  executor: string
  node: string
  startedAt: Millis
  /** When the first byte of the request was handed to the network; absent when it never was. */
  sentAt?: Millis
  endedAt: Millis
  outcome: AttemptOutcome
  /** HTTP status, if there was a reply. */
  status?: number
  /** What the handler gave back, for shards of a run that has several. */
  result?: Json
  error?: RunError
  /** What was done about it. */
  next: 'done' | 'retry' | 'failover' | 'redispatch' | 'queued'
  /** Lines that the handler logged, at most 64 KiB together. */
  logs?: LogLine[]
  /** Where lines are kept that are not here. */
  output?: KeptOutput
  progress?: Progress
  sequence: readonly [index: number, ordinal: number]
}

export interface LogLine {
  at: Millis
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
}

/** A closed stretch of fires skipped for one reason: one ledger row. Immutable. */
export interface StretchRow {
  id: string
  job: number
  namespace: number
  reason: SkipReason
  from: Millis
  to: Millis
  count: number
  into?: string
  /** Log indexes of the entries that decided the first and the last of its fires. */
  entries: [first: number, last: number]
  /** Position in the log: index of the entry that closed it and ordinal within it. */
  sequence: readonly [index: number, ordinal: number]
}

/** A result that came after the attempt had ended. */
export interface LateResult {
  attempt: string
  run: string
  job: number
  namespace: number
  outcome: AttemptOutcome
  at: Millis
  result?: Json
  error?: RunError
  sequence: readonly [index: number, ordinal: number]
}
