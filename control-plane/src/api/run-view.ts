import type { Attempt, Run } from '@cronclave/openapi'
import type { EndedAttempt, EndedRun, LateResult, OpenAttempt, OpenRun } from '../runs/run.ts'
import { traceIdOf } from '../runs/trace.ts'
import { listedShards, shownShards } from './shard-view.ts'
import { timeText } from './times.ts'

export interface RunNames {
  namespace: string
  job: string
}

/** A run as lists and events show it: without what the caller or the handler put in. */
export function runSummary(run: OpenRun | EndedRun, names: RunNames): Run {
  const { startedAt } = run
  const view: Run = {
    id: run.id,
    namespace: names.namespace,
    job: names.job,
    jobUid: run.job,
    jobVersion: run.jobVersion,
    cause: run.cause,
    state: run.state,
    fireTime: timeText(run.fireTime),
    dueTime: timeText(run.dueTime),
    createdAt: timeText(run.createdAt),
    schedules: run.schedules,
    attempts: 'shards' in run ? run.shards.reduce((sum, shard) => sum + shard.attempts, 0) : run.attempts,
  }
  if (startedAt !== undefined) {
    view.startedAt = timeText(startedAt)
    view.latenessMs = startedAt - run.dueTime
  }
  if (run.requestedBy !== undefined) view.requestedBy = run.requestedBy
  if (run.parent !== undefined) view.parent = run.parent
  if (run.rerunOf !== undefined) view.rerunOf = run.rerunOf
  if (run.backfill !== undefined) view.backfill = run.backfill
  if (run.trace !== undefined) view.traceId = traceIdOf(run.trace)
  if ('endedAt' in run) addEnd(view, run)
  return Object.assign(view, listedShards(run))
}

/** A run with everything that is known of it. */
export function runView(run: OpenRun | EndedRun, names: RunNames): Run {
  const view = runSummary(run, names)
  view.params = run.params
  if ('result' in run && run.result !== undefined) view.result = run.result
  return Object.assign(view, shownShards(run))
}

function addEnd(view: Run, run: EndedRun): void {
  view.endedAt = timeText(run.endedAt)
  view.endIndex = run.sequence[0]
  if (run.startedAt !== undefined) view.durationMs = run.endedAt - run.startedAt
  if (run.executor !== undefined) view.executor = run.executor
  if (run.error !== undefined) view.error = run.error
  if (run.reason !== undefined) view.reason = run.reason
  if (run.into !== undefined) view.into = run.into
}

/** An attempt that is under way. */
export function openAttemptView(attempt: OpenAttempt, run: string, shard: number): Attempt {
  return {
    id: attempt.id,
    run,
    shard,
    ordinal: attempt.ordinal,
    fencingToken: String(attempt.fencingToken),
    executor: attempt.executor,
    node: attempt.node,
    state: attempt.acceptedAt === undefined ? 'running' : 'accepted',
    startedAt: timeText(attempt.startedAt),
    deadline: timeText(attempt.deadline),
    ...(attempt.acceptedAt === undefined ? {} : { acceptedAt: timeText(attempt.acceptedAt) }),
    ...(attempt.leaseUntil === undefined ? {} : { leaseUntil: timeText(attempt.leaseUntil) }),
    ...(attempt.progress === undefined ? {} : { progress: attempt.progress }),
    ...(attempt.output === undefined ? {} : { output: attempt.output }),
    ...(attempt.supersedes.length === 0 ? {} : { supersedes: attempt.supersedes }),
  }
}

/** An attempt that has ended. `late`: what came of it afterwards. */
export function endedAttemptView(attempt: EndedAttempt, late: readonly LateResult[] = []): Attempt {
  const after = late.filter((row) => row.attempt === attempt.id)
  return {
    id: attempt.id,
    run: attempt.run,
    shard: attempt.shard,
    ordinal: attempt.ordinal,
    fencingToken: String(attempt.fencingToken),
    executor: attempt.executor,
    node: attempt.node,
    state: 'ended',
    startedAt: timeText(attempt.startedAt),
    endedAt: timeText(attempt.endedAt),
    endIndex: attempt.sequence[0],
    durationMs: attempt.endedAt - attempt.startedAt,
    outcome: attempt.outcome,
    next: attempt.next,
    ...(attempt.sentAt === undefined ? {} : { sentAt: timeText(attempt.sentAt) }),
    ...(attempt.status === undefined ? {} : { status: attempt.status }),
    ...(attempt.error === undefined ? {} : { error: attempt.error }),
    ...(attempt.progress === undefined ? {} : { progress: attempt.progress }),
    ...(attempt.output === undefined ? {} : { output: attempt.output }),
    ...(after.length === 0 ? {} : { late: after.map(lateView) }),
  }
}

function lateView({ outcome, at, result, error }: LateResult) {
  return {
    outcome,
    at: timeText(at),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  }
}
