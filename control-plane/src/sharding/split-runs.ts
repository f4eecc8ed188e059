import type { JobSpec } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'

/** Whether the runs of a job are split into parts when they are planned. */
export function splitsRuns({ routing }: Pick<JobSpec, 'routing'>): boolean {
  return routing.strategy === 'sharded' || routing.strategy === 'broadcast'
}

/** Whether the parts of a run that has not begun are fixed already: it does parts of an earlier one again. */
export function hasFixedParts(run: Pick<OpenRun, 'shards'>): boolean {
  return run.shards.some(({ items, bound }) => items !== undefined || bound !== undefined)
}
