import type { Job } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'
import type { State } from './state.ts'

/** The order of open runs: as they were made. A node that loads them comes to the same order as one that made them. */
export function byPlace(a: OpenRun, b: OpenRun): number {
  return a.sequence - b.sequence || a.job - b.job || (a.ordinal ?? 0) - (b.ordinal ?? 0) || (a.id < b.id ? -1 : 1)
}

/** Puts a new run behind the other open ones of its job, also behind those that the same entry made. */
export function addOpen(state: State, job: Job, run: OpenRun): void {
  const last = state.runs.get(job.openRuns.at(-1) ?? '')
  if (last?.sequence === run.sequence) run.ordinal = (last.ordinal ?? 0) + 1
  state.runs.set(run.id, run)
  job.openRuns.push(run.id)
}
