import { decideNext, type Ended, type NextStep } from '../dispatch/decide.ts'
import { isUnsent } from '../dispatch/ends.ts'
import type { Executor } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import { runOfAttempt, shardOfAttempt } from '../runs/ids.ts'
import type { OpenAttempt, OpenRun, Shard } from '../runs/run.ts'
import { alertOfAnswer } from './alert-outcomes.ts'
import { recordAttempt } from './attempt-row.ts'
import type { AttemptFinish, CommandOf } from './commands.ts'
import { noteConnection } from './breaker.ts'
import { beginAnew, isAtTarget } from './moved-parts.ts'
import { hasUntried } from './untried.ts'
import { noteShard } from './shard-changes.ts'
import { noteExecutor } from './slot-journal.ts'
import { endShard, type ShardEnding } from './shard-endings.ts'
import { outcomeOf } from './shard-ends.ts'
import { placedOn, releaseSlot } from './slots.ts'
import { type Answer, nextSequence, type Turn } from './turn.ts'

/** The executor took the work and will report later: from now on the attempt depends on it alone. */
export function acceptAttempts(turn: Turn, command: CommandOf<'attempts-accepted'>): Answer {
  for (const { attempt, leaseMs } of command.accepted) {
    const found = findAttempt(turn, attempt)
    if (!found || found.attempt.acceptedAt !== undefined) continue
    found.attempt.acceptedAt = turn.at
    found.attempt.leaseUntil = turn.at + leaseMs
    noteShard(turn, found.run, found.shard)
    const executor = placedOn(turn.state, found.shard)
    if (executor) noteConnection(turn, executor, found.attempt.node, false)
    turn.events.push({ type: 'attempt-accepted', run: found.run.id, attempt })
  }
  return {}
}

/** Records how attempts ended and decides what comes next: done, retry, failover or redispatch. */
export function finishAttempts(turn: Turn, command: CommandOf<'attempts-finished'>): Answer {
  for (const finish of command.finishes) finishAttempt(turn, finish)
  return {}
}

export function finishAttempt(turn: Turn, finish: AttemptFinish): void {
  const found = findAttempt(turn, finish.attempt)
  const job = found && turn.state.jobs.get(found.run.job)
  if (!found || !job) {
    recordLate(turn, finish)
    return
  }
  const { run, shard, attempt } = found
  delete shard.attempt
  turn.state.attempts.delete(attempt.id)
  const executor = placedOn(turn.state, shard)
  if (executor) noteContact(turn, executor, attempt, finish)
  if (executor && finish.status !== undefined)
    alertOfAnswer(turn, job, run.id, executor.id, finish.error?.code === 'signature-refused')
  const succeeded = finish.outcome === 'succeeded'
  const present = succeeded || isAtTarget(turn.state, job, shard) ? attempt.executor : undefined
  const hasOthers = !succeeded && hasUntried(turn.state, job, shard, present)
  const step = decideNext(job.spec, shard, endedOf(finish), hasOthers)
  recordAttempt(turn, run, shard, attempt, finish, step.next)
  // Nobody waits for its answer: the executor that took it on is told to stop.
  if (attempt.acceptedAt !== undefined && finish.outcome === 'timed-out')
    turn.events.push({
      type: 'attempt-aborted',
      attempt: attempt.id,
      why: 'timed-out',
      accepted: { run, shard, attempt },
    })
  takeStep(turn, job, run, shard, attempt, finish, step)
  // The job calls something else by now.
  if (present === undefined && step.next !== 'done') beginAnew(turn, run, shard)
}

function takeStep(
  turn: Turn,
  job: Job,
  run: OpenRun,
  shard: Shard,
  attempt: OpenAttempt,
  finish: AttemptFinish,
  step: NextStep,
): void {
  if (step.next === 'done') {
    if (finish.trace !== undefined) run.trace = finish.trace
    const ending: ShardEnding = { state: step.state, outcome: finish.outcome, executor: attempt.executor }
    if (finish.result !== undefined) ending.result = finish.result
    if (finish.error !== undefined) ending.error = finish.error
    endShard(turn, job, run, shard, ending)
    return
  }
  shard.state = 'waiting'
  shard.retryAt = turn.at + ('delayMs' in step ? step.delayMs : 0)
  // Nobody was asked: the part is where it was before.
  if (!isUnsent(finish)) moveShard(turn, run, shard, attempt, finish, step)
  noteShard(turn, run, shard)
  turn.events.push({ type: 'shard-waiting', run: run.id, shard: shard.index })
}

/** What the next attempt of a part finds: whom it supersedes, what was tried, and where its slot is. */
function moveShard(
  turn: Turn,
  run: OpenRun,
  shard: Shard,
  attempt: OpenAttempt,
  finish: AttemptFinish,
  step: NextStep,
): void {
  shard.last = outcomeOf(finish.outcome, attempt.executor, finish.error)
  if (step.next === 'redispatch') {
    shard.redispatches += 1
    shard.supersedes = [...shard.supersedes, attempt.id]
  } else {
    shard.redispatches = 0
    shard.supersedes = []
  }
  if (step.next === 'retry') {
    shard.retries += 1
    // A retry after a refusal that everybody gave may go anywhere again.
    if (finish.outcome === 'refused') {
      shard.refusals = (shard.refusals ?? 0) + 1
      shard.tried = []
      delete shard.spent
      delete shard.retried
    }
  }
  if (step.next === 'failover') {
    if (finish.outcome !== 'refused') shard.spent = [...(shard.spent ?? []), attempt.executor]
    else if (shard.retries > 0) shard.retried = { ...shard.retried, [attempt.executor]: shard.retries }
    shard.retries = 0
    shard.tried = [...shard.tried, attempt.executor]
    releaseSlot(turn, run, shard)
  }
  if (step.next === 'queued') shard.tried = [...(shard.spent ?? [])]
}

/** What an outcome says about the connection: that it failed, that there is somebody, or nothing. */
function noteContact(turn: Turn, executor: Executor, { node }: OpenAttempt, finish: AttemptFinish): void {
  if (finish.connectionFailed) noteConnection(turn, executor, node, true)
  else if (finish.status !== undefined || finish.outcome === 'succeeded' || finish.outcome === 'failed')
    noteConnection(turn, executor, node, false)
  // Another attempt may try it now.
  else if (executor.breaker) noteExecutor(turn.state, executor)
}

/** Makes an attempt's outcome unknown, because the node that dispatched it is gone. */
export function makeUncertain(turn: Turn, attempt: OpenAttempt, job: number): void {
  finishAttempt(turn, {
    attempt: attempt.id,
    job,
    outcome: 'uncertain',
    endedAt: turn.at,
    retryable: true,
    chance: 0,
    error: {
      code: 'dispatcher-gone',
      message: `Node ${attempt.node} went away while the call was open: whether executor ${attempt.executor} did the work is not known.`,
    },
  })
}

/** A result that comes when the attempt has ended is a row of its own; it changes nothing. */
function recordLate(turn: Turn, finish: AttemptFinish): void {
  if (finish.outcome !== 'succeeded' && finish.outcome !== 'failed' && finish.outcome !== 'skipped') return
  turn.changes.push({
    kind: 'late-result',
    row: {
      attempt: finish.attempt,
      run: runOfAttempt(finish.attempt),
      job: finish.job,
      namespace: turn.state.jobs.get(finish.job)?.namespace ?? 0,
      outcome: finish.outcome,
      at: turn.at,
      ...(finish.result === undefined ? {} : { result: finish.result }),
      ...(finish.error === undefined ? {} : { error: finish.error }),
      sequence: nextSequence(turn),
    },
  })
}

export function findAttempt(turn: Turn, id: string): { run: OpenRun; shard: Shard; attempt: OpenAttempt } | undefined {
  const run = turn.state.runs.get(turn.state.attempts.get(id) ?? '')
  const shard = run?.shards[shardOfAttempt(id)]
  return run && shard?.attempt?.id === id ? { run, shard, attempt: shard.attempt } : undefined
}

function endedOf(finish: AttemptFinish): Ended {
  return {
    outcome: finish.outcome,
    retryable: finish.retryable,
    busy: finish.status === 429 || finish.status === 503,
    unsent: isUnsent(finish),
    chance: finish.chance,
    ...(finish.retryAfterMs === undefined ? {} : { retryAfterMs: finish.retryAfterMs }),
  }
}
