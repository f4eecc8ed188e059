import type { JobSpec } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'

/** Whether the runs of a job are split into parts when they are planned. */
export function splitsRuns({ routing }: Pick<JobSpec, 'routing'>): boolean {
  return routing.strategy === 'sharded' || routing.strategy === 'broadcast'
}

/**
 * Whether the parts of a run that has not begun are fixed already: it does parts of an earlier one again. That its
 * requester chose an executor fixes none: its job may have become one whose runs are split since.
 */
export function hasFixedParts({ shards, executor }: Pick<OpenRun, 'shards' | 'executor'>): boolean {
  return shards.some(
    ({ items, was, bound }) => items !== undefined || was !== undefined || (bound !== undefined && bound !== executor),
  )
}
