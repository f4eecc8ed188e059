import type { CommandOf } from './commands.ts'
import { rerunId } from '../runs/ids.ts'
import { executorsOf } from './executors.ts'
import { rememberRequest, repeatedRequest } from './idempotency.ts'
import { openRequested } from './requested.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/**
 * Does a finished run again, whole or the parts of it that failed. What the ledger knows of it rides in the command; its
 * number is the job's count of reruns, so that one number per job is all there is to remember.
 */
export function rerun(turn: Turn, command: CommandOf<'run-rerun'>): Answer {
  const { state } = turn
  const { original, executor, shards } = command
  const job = state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const repeat = repeatedRequest(turn, job.namespace, command.idempotency)
  if (repeat) return repeat
  if (state.runs.has(original.id)) return refuse('run-open', `run ${original.id} has not ended`)
  if (executor !== undefined && !executorsOf(state, job).has(executor))
    return refuse('executor-not-found', `there is no executor ${executor}`)
  const number = (job.progress.reruns ?? 0) + 1
  job.progress.reruns = number
  turn.changes.push({ kind: 'progress', id: job.uid })
  const run = rerunId(original.id, number)
  openRequested(turn, job, {
    id: run,
    cause: 'rerun',
    fireTime: original.fireTime,
    dueTime: turn.at,
    schedules: original.schedules,
    params: command.params,
    requestedBy: command.by,
    rerunOf: original.id,
    ...(original.parent === undefined ? {} : { parent: original.parent }),
    ...(executor === undefined ? {} : { executor }),
    ...(shards === undefined ? {} : { shards }),
    ...(command.trace === undefined ? {} : { trace: command.trace }),
  })
  rememberRequest(turn, job.namespace, { ...command, run })
  return { run }
}
