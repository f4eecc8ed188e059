import type { Executor } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import { attemptId } from '../runs/ids.ts'
import type { OpenAttempt, OpenRun, Origin, Shard } from '../runs/run.ts'
import type { TraceContext } from '../runs/trace.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import { alertOfStart } from './alert-outcomes.ts'
import { noteTrial } from './breaker.ts'
import { executorsOf } from './executors.ts'
import { addOpen } from './open-runs.ts'
import { noteShard } from './shard-changes.ts'
import { type Senders, senderTo } from './senders.ts'
import { noteExecutor } from './slot-journal.ts'
import { isPlacedOn, takeSlot } from './slots.ts'
import type { Turn } from './turn.ts'

/** What is known of a run before it is made. */
export type Head = Pick<OpenRun, 'id' | 'cause' | 'fireTime' | 'dueTime' | 'schedules' | 'params'> &
  Origin & {
    previousFire?: number
    requestedBy?: string
    trace?: TraceContext
    /** Parts that are fixed already: those of a run that is done again. */
    shards?: readonly Pick<Shard, 'items' | 'was' | 'bound'>[]
  }

/** Makes the record of a run. With `queue` or `start` it is open in the state; without, the caller ends it at once. */
export function openRun(turn: Turn, job: Job, head: Head, as?: 'queue' | 'start'): OpenRun {
  const { state } = turn
  // Every field by name: a spread would cost a fire more than all the rest of this function.
  const run: OpenRun = {
    id: head.id,
    job: job.uid,
    namespace: job.namespace,
    cause: head.cause,
    state: as === 'start' ? 'running' : 'queued',
    fireTime: head.fireTime,
    dueTime: head.dueTime,
    createdAt: turn.at,
    jobVersion: job.version,
    params: head.params,
    schedules: head.schedules,
    shards: splitsRuns(job.spec) ? [] : [newShard(0)],
    sequence: turn.index,
  }
  if (head.requestedBy !== undefined) run.requestedBy = head.requestedBy
  if (head.previousFire !== undefined) run.previousFire = head.previousFire
  if (head.trace !== undefined) run.trace = head.trace
  if (!SCHEDULED.has(head.cause)) addOrigin(run, head)
  if (as === undefined) return run
  addOpen(state, job, run)
  turn.changes.push({ kind: 'run', id: run.id })
  if (as === 'queue') {
    const namespace = state.namespaces.get(job.namespace)
    if (namespace) namespace.queued += 1
    turn.events.push({ type: 'run-queued', run: run.id, job: job.uid })
  } else {
    markStarted(turn, job, run)
  }
  return run
}

const SCHEDULED: ReadonlySet<OpenRun['cause']> = new Set(['schedule', 'misfire'])

/** What only a run has that no schedule made: where it comes from, the executor it is for, the parts it begins with. */
function addOrigin(run: OpenRun, { parent, rerunOf, backfill, executor, shards }: Head): void {
  if (parent !== undefined) run.parent = parent
  if (rerunOf !== undefined) run.rerunOf = rerunOf
  if (backfill !== undefined) run.backfill = backfill
  if (shards !== undefined && shards.length > 0)
    run.shards = shards.map((part, index) => ({ ...newShard(index), ...part }))
  if (executor === undefined) return
  run.executor = executor
  for (const shard of run.shards) shard.bound = executor
}

/** A run is running once one shard is placed. */
export function markStarted(turn: Turn, job: Job, run: OpenRun): void {
  run.state = 'running'
  run.startedAt = turn.at
  job.progress.startedRuns += 1
  turn.changes.push({ kind: 'progress', id: job.uid })
  turn.events.push({ type: 'run-started', run: run.id, job: job.uid })
  alertOfStart(turn, job, run)
}

/** Starts the next attempt of a shard on an executor, with a fencing token of its own. */
export function startShard(turn: Turn, job: Job, run: OpenRun, index: number, executor: string, by: Senders): void {
  const { state } = turn
  const shard = run.shards[index]
  if (!shard) return
  if (shard.supersedes.length > 0 && !isSameInstance(turn, job, shard, executor)) moveOn(shard, executor)
  if (shard.placedOn !== executor) shard.retries = Math.max(shard.retries, retriedOn(shard, executor))
  takeSlot(turn, job, run, shard, executor)
  state.fencingToken += 1
  const target = executorsOf(state, job).get(executor)
  const node = senderTo(target, by)
  const bootId = target?.bootId
  if (bootId === undefined) delete shard.bootId
  else shard.bootId = bootId
  const attempt: OpenAttempt = {
    id: attemptId(run.id, index, shard.attempts + 1),
    ordinal: shard.attempts + 1,
    fencingToken: state.fencingToken,
    executor,
    node,
    incarnation: state.nodes.get(node)?.incarnation ?? 0,
    startedAt: turn.at,
    deadline: turn.at + job.spec.timeoutMs,
    supersedes: shard.supersedes,
  }
  if (bootId !== undefined) attempt.bootId = bootId
  shard.attempts += 1
  shard.attempt = attempt
  shard.state = 'running'
  delete shard.retryAt
  state.attempts.set(attempt.id, run.id)
  if (target?.breaker) noteTrial(turn, target, attempt.id)
  if (target && job.spec.routing.strategy === 'least-recently-used') noteUse(turn, target)
  noteShard(turn, run, shard)
  turn.events.push({ type: 'attempt-started', run: run.id, shard: index, attempt })
}

/** When executors were used is kept for jobs that ask who was not: the others pay nothing for it. */
function noteUse({ state, changes }: Turn, executor: Executor): void {
  executor.lastToken = state.fencingToken
  changes.push({ kind: 'executor', service: executor.service, id: executor.id })
  noteExecutor(state, executor)
}

/** Whether an executor is the process that the shard's last attempt went to. */
export function isSameInstance(turn: Turn, job: Job, shard: Shard, executor: string): boolean {
  return isPlacedOn(turn, job, shard, executor) && shard.bootId === executorsOf(turn.state, job).get(executor)?.bootId
}

/** Retries that were used on an executor before it refused: it may have any name. */
function retriedOn({ retried }: Shard, executor: string): number {
  return retried !== undefined && Object.hasOwn(retried, executor) ? (retried[executor] ?? 0) : 0
}

/** The instance that may have done the work has gone: another one knows nothing of it, and begins anew. */
function moveOn(shard: Shard, executor: string): void {
  if (shard.placedOn !== undefined && shard.placedOn !== executor) shard.tried = [...shard.tried, shard.placedOn]
  shard.supersedes = []
  shard.redispatches = 0
  shard.retries = 0
}

export function newShard(index: number): Shard {
  return { index, state: 'waiting', attempts: 0, retries: 0, redispatches: 0, supersedes: [], tried: [] }
}
