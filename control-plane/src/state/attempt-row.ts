import { joinedOutput } from '../runs/kept-output.ts'
import { joinedLines } from '../runs/log-lines.ts'
import type { EndedAttempt, OpenAttempt, OpenRun, Shard } from '../runs/run.ts'
import type { AttemptFinish } from './commands.ts'
import { nextSequence, type Turn } from './turn.ts'

/** Writes the ledger row of an attempt that has ended: every attempt that was started gets one. */
export function recordAttempt(
  turn: Turn,
  run: OpenRun,
  shard: Shard,
  attempt: OpenAttempt,
  finish: Pick<
    AttemptFinish,
    'sentAt' | 'endedAt' | 'outcome' | 'status' | 'result' | 'error' | 'logs' | 'logsFrom' | 'output' | 'progress'
  >,
  next: EndedAttempt['next'],
): void {
  const logs = joinedLines(attempt.logs, finish.logs, finish.logsFrom)
  const output = joinedOutput(attempt.output, finish.output, finish.logsFrom)
  const progress = finish.progress ?? attempt.progress
  const row: EndedAttempt = {
    id: attempt.id,
    run: run.id,
    shard: shard.index,
    ordinal: attempt.ordinal,
    fencingToken: attempt.fencingToken,
    executor: attempt.executor,
    node: attempt.node,
    startedAt: attempt.startedAt,
    endedAt: finish.endedAt,
    outcome: finish.outcome,
    next,
    sequence: nextSequence(turn),
  }
  if (finish.sentAt !== undefined) row.sentAt = finish.sentAt
  if (finish.status !== undefined) row.status = finish.status
  if (finish.result !== undefined && run.partsLeft !== undefined) row.result = finish.result
  if (finish.error !== undefined) row.error = finish.error
  if (logs !== undefined) row.logs = logs
  if (output !== undefined) row.output = output
  if (progress !== undefined) row.progress = progress
  turn.changes.push({ kind: 'ended-attempt', row, job: run.job, namespace: run.namespace })
  turn.events.push({ type: 'attempt-ended', run: run.id, job: run.job, attempt: row })
}
