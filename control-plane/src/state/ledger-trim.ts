import { isFailure } from '../jobs/retention.ts'
import type { CommandOf, JobTrim } from './commands.ts'
import { countOf } from './ledger-count.ts'
import type { State } from './state.ts'
import type { Answer, Turn } from './turn.ts'

/**
 * Removes rows of the ledger, a run with everything that belongs to it. Open runs have none. The row that an open child
 * reads its parent's result from stays; so do the rows of a job of which others removed some meanwhile, because those
 * named here may have been among them.
 */
export function trimLedger(turn: Turn, command: CommandOf<'ledger-trim'>): Answer {
  const needed = neededParents(turn.state)
  const trimmed = { runs: 0, spared: 0 }
  for (const part of command.jobs) {
    const gone = trimJob(turn, part, command.asOf, needed)
    trimmed.runs += gone
    trimmed.spared += part.runs.length - gone
  }
  for (const { run, sequence } of command.late ?? []) {
    turn.changes.push({ kind: 'late-result-gone', gone: { run, sequence } })
  }
  for (const { hour, owner } of command.counters ?? []) {
    turn.changes.push({ kind: 'counters-gone', gone: { hour, owner } })
  }
  return { trimmed }
}

/** Runs whose result an open run may still be given. */
export function neededParents({ runs }: Pick<State, 'runs'>): Set<string> {
  const needed = new Set<string>()
  for (const { parent } of runs.values()) if (parent) needed.add(parent.run)
  return needed
}

function trimJob(turn: Turn, part: JobTrim, asOf: number, needed: ReadonlySet<string>): number {
  // Of a job that has gone nothing is counted: what is removed twice is removed.
  const job = turn.state.jobs.get(part.job)
  const count = job && countOf(job.progress)
  if (count && count.trimmed > asOf) return 0
  let gone = 0
  for (const run of part.runs) {
    if (needed.has(run.id)) continue
    gone += 1
    if (count) {
      count.runs = Math.max(0, count.runs - 1)
      if (isFailure(run.state)) count.failed = Math.max(0, count.failed - 1)
    }
    turn.changes.push({ kind: 'run-gone', gone: { ...run, job: part.job, namespace: part.namespace } })
  }
  for (const stretch of part.stretches) {
    if (count) count.stretches = Math.max(0, count.stretches - 1)
    turn.changes.push({ kind: 'stretch-gone', gone: { ...stretch, job: part.job } })
  }
  if (job && count) {
    count.trimmed = turn.index
    turn.changes.push({ kind: 'progress', id: job.uid })
  }
  return gone
}
