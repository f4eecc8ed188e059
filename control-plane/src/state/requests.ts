import type { RunError, SkipReason } from '../runs/run.ts'
import type { CommandOf } from './commands.ts'
import { type Ending, endRun } from './endings.ts'
import { executorsOf } from './executors.ts'
import { rememberRequest, repeatedRequest } from './idempotency.ts'
import { openRequested } from './requested.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** Makes a run that somebody asked for. It waits in the queue, however short, until a worker places it. */
export function requestRun(turn: Turn, command: CommandOf<'run-request'>): Answer {
  const { state } = turn
  const job = state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const repeat = repeatedRequest(turn, job.namespace, command.idempotency)
  if (repeat) return repeat
  if (state.runs.has(command.run)) return refuse('already-exists', `run ${command.run} exists already`)
  const { executor } = command
  if (executor !== undefined && !executorsOf(state, job).has(executor))
    return refuse('executor-not-found', `there is no executor ${executor} that takes job ${job.name}`)
  const fireTime = command.fireTime ?? turn.at
  const head = {
    id: command.run,
    cause: command.cause,
    fireTime,
    dueTime: turn.at,
    schedules: [],
    params: { ...job.spec.params, ...command.params },
    requestedBy: command.by,
    ...(executor === undefined ? {} : { executor }),
    ...(command.trace === undefined ? {} : { trace: command.trace }),
  }
  openRequested(turn, job, head)
  rememberRequest(turn, job.namespace, command)
  return { run: command.run }
}

/** Ends an open run as cancelled, whatever still arrives. */
export function cancelRun(turn: Turn, command: CommandOf<'run-cancel'>): Answer {
  const run = turn.state.runs.get(command.run)
  if (!run) return refuse('run-ended', `run ${command.run} has ended already`)
  endRun(turn, run, { state: 'cancelled', error: { code: 'cancelled', message: `Cancelled by ${command.by}.` } })
  return { run: run.id }
}

/** Ends runs that waited or ran too long, or that nobody can take and whose job says not to wait. */
export function expireRuns(turn: Turn, command: CommandOf<'runs-expired'>): Answer {
  for (const { id, why } of command.runs) {
    const run = turn.state.runs.get(id)
    if (!run || (why === 'run-timeout' ? run.state !== 'running' : run.state !== 'queued')) continue
    endRun(turn, run, endingOf(why))
  }
  return {}
}

function endingOf(why: CommandOf<'runs-expired'>['runs'][number]['why']): Ending {
  switch (why) {
    case 'run-timeout':
      return { state: 'timed-out', error: error('run-timeout', 'The run took longer than its runTimeout allows.') }
    case 'queue-ttl':
      return {
        state: 'skipped',
        reason: 'expired' satisfies SkipReason,
        error: error('expired', 'It waited longer than its queueTtl allows.'),
      }
    case 'no-executor':
      return {
        state: 'failed',
        error: error('no-executor', 'No executor is online that takes this job, and whenFull is fail.'),
      }
    case 'no-slot':
      return { state: 'failed', error: error('no-slot', 'No slot is free, and whenFull is fail.') }
  }
}

function error(code: string, message: string): RunError {
  return { code, message }
}
