import { joinedOutput } from '../runs/kept-output.ts'
import { joinedLines } from '../runs/log-lines.ts'
import { findAttempt } from './attempts.ts'
import type { CommandOf } from './commands.ts'
import { noteShard } from './shard-changes.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** Takes in what an executor says of an attempt that is under way; of one that has ended nothing is. */
export function reportAttempt(turn: Turn, command: CommandOf<'attempt-report'>): Answer {
  const found = findAttempt(turn, command.attempt)
  if (!found) return refuse('attempt-ended', `attempt ${command.attempt} has ended`)
  const { run, shard, attempt } = found
  if (command.deadline !== undefined) {
    const runTimeoutMs = turn.state.jobs.get(run.job)?.spec.runTimeoutMs ?? 0
    const latest = (run.startedAt ?? attempt.startedAt) + runTimeoutMs
    attempt.deadline = Math.max(attempt.deadline, Math.min(command.deadline, latest))
  }
  if (command.progress !== undefined) attempt.progress = command.progress
  const logs = joinedLines(attempt.logs, command.logs, command.logsFrom)
  if (logs !== undefined) attempt.logs = logs
  const output = joinedOutput(attempt.output, command.output, command.logsFrom)
  if (output !== undefined) attempt.output = output
  if (command.outputBytes !== undefined) attempt.outputBytes = (attempt.outputBytes ?? 0) + command.outputBytes
  noteShard(turn, run, shard)
  return {}
}
