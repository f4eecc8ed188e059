import { describeJob } from '../jobs/definition.ts'
import { type Change, changes } from '../jobs/diff.ts'
import type { JobSpec } from '../jobs/job.ts'

/**
 * Fields of a definition that people decide, also of a job that code keeps: whether it fires at all, what is urgent, who
 * hears of it, how long it is kept. Code decides all the others, those that it does not mention among them.
 */
export const PEOPLES_FIELDS = ['paused', 'labels', 'priority', 'notify', 'pauseAfterFailures', 'retention'] as const

/** Fields that code decides: when it runs, what it calls, and how. */
export const CODES_FIELDS = [
  'description',
  'schedules',
  'target',
  'params',
  'misfire',
  'overlap',
  'maxConcurrentRuns',
  'queueMax',
  'queueTtl',
  'whenFull',
  'routing',
  'sharding',
  'placement',
  'retry',
  'failover',
  'timeout',
  'runTimeout',
  'onUncertain',
  'children',
] as const

/** What the code says, and of the rest what people had decided. */
export function withPeoples(code: JobSpec, present: JobSpec): JobSpec {
  const { labels, priority, notify, pauseAfterFailures, retention } = present
  const { retention: _retention, ...rest } = code
  return { ...rest, labels, priority, notify, pauseAfterFailures, ...(retention ? { retention } : {}) }
}

/** What somebody wants to change of what code decides. */
export function codesChanges(present: JobSpec, wanted: JobSpec): Change[] {
  return changes(describeJob(present), describeJob(withPeoples(wanted, present)))
}
