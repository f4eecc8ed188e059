import type { Job, Json } from '../jobs/job.ts'
import type { Cause, EndedRun, EndedRunState, OpenAttempt, OpenRun, RunError, Shard, SkipReason } from '../runs/run.ts'
import { alertOfEnd } from './alert-outcomes.ts'
import { recordAttempt } from './attempt-row.ts'
import { countRun } from './ledger-count.ts'
import { bucketOf, emptyCounters, type HourCounters } from './counters.ts'
import { noticeOfRun } from './notices.ts'
import { leaveQueue } from './queue-places.ts'
import { noteEnd, shardEnds } from './shard-ends.ts'
import { releaseSlot } from './slots.ts'
import { nextSequence, type Turn } from './turn.ts'

/** How a run ended, besides what the open run knows. */
export interface Ending {
  state: EndedRunState
  executor?: string
  result?: Json
  error?: RunError
  reason?: SkipReason
  into?: string
}

/** Ends an open run: writes its ledger row, frees its slots, counts it. A terminal state never changes. */
export function endRun(turn: Turn, run: OpenRun, ending: Ending): void {
  const { state } = turn
  const job = state.jobs.get(run.job)
  for (const shard of run.shards) {
    if (shard.attempt) abortAttempt(turn, run, shard, shard.attempt, ending)
    releaseSlot(turn, run, shard)
  }
  state.runs.delete(run.id)
  turn.changes.push({ kind: 'run', id: run.id })
  if (run.state === 'queued') leaveQueue(turn, run.namespace)
  if (job) forget(job.openRuns, run.id)
  recordEnd(turn, job, run, ending)
}

/** The run ends over an attempt that is still open: its call is broken off, and its row says why. */
function abortAttempt(turn: Turn, run: OpenRun, shard: Shard, attempt: OpenAttempt, ending: Ending): void {
  const outcome = brokenOff(ending)
  turn.state.attempts.delete(attempt.id)
  delete shard.attempt
  if (run.partsLeft !== undefined) noteEnd(shard, outcome, attempt.executor)
  const error = ending.error === undefined ? {} : { error: ending.error }
  recordAttempt(turn, run, shard, attempt, { outcome, endedAt: turn.at, ...error }, 'done')
  const accepted = attempt.acceptedAt === undefined ? {} : { accepted: { run, shard, attempt } }
  turn.events.push({ type: 'attempt-aborted', attempt: attempt.id, why: outcome, ...accepted })
}

/** How what was under way ends when its run is ended over it. */
function brokenOff({ state }: Ending): 'timed-out' | 'cancelled' {
  return state === 'timed-out' ? 'timed-out' : 'cancelled'
}

/** A run's fields that do not change once it is made; what a row needs of a run that never opened. */
export type RunHead = Pick<
  OpenRun,
  | 'id'
  | 'job'
  | 'namespace'
  | 'cause'
  | 'fireTime'
  | 'dueTime'
  | 'createdAt'
  | 'startedAt'
  | 'jobVersion'
  | 'params'
  | 'requestedBy'
  | 'schedules'
  | 'trace'
  | 'parent'
  | 'rerunOf'
  | 'backfill'
>

/** Writes the ledger row of a run and everything that is counted by it. */
export function recordEnd(
  turn: Turn,
  job: Job | undefined,
  run: RunHead & Partial<Pick<OpenRun, 'shards' | 'partsLeft' | 'sequence'>>,
  ending: Ending,
): void {
  // Field by field: spreads would cost an end more than all the rest of this function.
  const row: EndedRun = {
    id: run.id,
    job: run.job,
    jobName: job?.name ?? '',
    namespace: run.namespace,
    cause: run.cause,
    state: ending.state,
    fireTime: run.fireTime,
    dueTime: run.dueTime,
    createdAt: run.createdAt,
    endedAt: turn.at,
    jobVersion: run.jobVersion,
    params: run.params,
    schedules: run.schedules,
    attempts: run.shards ? attemptsOf(run.shards) : 0,
    sequence: nextSequence(turn),
  }
  if (run.sequence !== undefined && run.sequence !== turn.index) row.entry = run.sequence
  if (run.startedAt !== undefined) row.startedAt = run.startedAt
  if (run.requestedBy !== undefined) row.requestedBy = run.requestedBy
  if (run.shards && run.partsLeft !== undefined) row.shardEnds = shardEnds(run.shards, brokenOff(ending))
  addEnding(row, ending)
  if (!isScheduled(run.cause)) addOrigin(row, run)
  if (run.trace !== undefined) row.trace = run.trace
  turn.changes.push({ kind: 'ended-run', row })
  turn.events.push({ type: 'run-ended', run: row })
  count(countersOf(turn, run.job), row)
  count(countersOf(turn, run.namespace), row)
  if (row.backfill !== undefined || (job && job.spec.children.length > 0)) turn.ended.push(row)
  if (job && job.spec.notify.length > 0) noticeOfRun(turn, job, row)
  if (!job) return
  noteOnJob(turn, job, row)
  alertOfEnd(turn, job, row)
}

function attemptsOf(shards: readonly Shard[]): number {
  let attempts = 0
  for (const shard of shards) attempts += shard.attempts
  return attempts
}

function addEnding(row: EndedRun, { executor, result, error, reason, into }: Ending): void {
  if (executor !== undefined) row.executor = executor
  if (result !== undefined) row.result = result
  if (error !== undefined) row.error = error
  if (reason !== undefined) row.reason = reason
  if (into !== undefined) row.into = into
}

function addOrigin(row: EndedRun, { parent, rerunOf, backfill }: RunHead): void {
  if (parent !== undefined) row.parent = parent
  if (rerunOf !== undefined) row.rerunOf = rerunOf
  if (backfill !== undefined) row.backfill = backfill
}

function noteOnJob(turn: Turn, job: Job, row: EndedRun): void {
  const { progress } = job
  countRun(progress, row.state)
  progress.lastRun = { id: row.id, state: row.state, at: row.endedAt }
  if (row.state === 'succeeded') progress.failuresInARow = 0
  if (row.state === 'failed' || row.state === 'timed-out' || row.state === 'lost') {
    progress.failuresInARow += 1
    if (job.spec.pauseAfterFailures > 0) turn.failing.push(job.uid)
  }
  if (isScheduled(row.cause)) progress.lastEnd = turn.at
  turn.changes.push({ kind: 'progress', id: job.uid })
}

export function isScheduled(cause: Cause): boolean {
  return cause === 'schedule' || cause === 'misfire'
}

/** The counters of the present hour for a job or a namespace (uids are unique among both), marked as changed. */
export function countersOf(turn: Turn, owner: number): HourCounters {
  const { counters } = turn.state
  turn.changes.push({ kind: 'counters', job: owner })
  const present = counters.get(owner)
  if (present) return present
  const fresh = emptyCounters(turn.at)
  counters.set(owner, fresh)
  return fresh
}

function count(counters: HourCounters, row: EndedRun): void {
  counters.runs[row.state] += 1
  counters.attempts += row.attempts
  if (row.startedAt === undefined) return
  add(counters.lateness, bucketOf(row.startedAt - row.dueTime))
  add(counters.duration, bucketOf(row.endedAt - row.startedAt))
  counters.durationMs += row.endedAt - row.startedAt
}

function add(buckets: number[], index: number): void {
  buckets[index] = (buckets[index] ?? 0) + 1
}

function forget(ids: string[], id: string): void {
  const index = ids.indexOf(id)
  if (index >= 0) ids.splice(index, 1)
}
