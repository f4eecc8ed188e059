import type { JobSpec } from '../jobs/job.ts'
import type { Fault } from '../problems.ts'
import { checkParams } from './check.ts'

/**
 * What of a job's parameters does not fit the schema of its handler. A job without a schedule may leave what is needed to
 * those who trigger it.
 */
export function checkJobParams(schema: object, spec: JobSpec): Fault[] {
  return checkParams(schema, spec.params, { partial: !isScheduled(spec) })
}

export function isScheduled({ schedules }: JobSpec): boolean {
  return schedules.some(({ cron, everyMs, afterMs, at }) => (cron ?? everyMs ?? afterMs ?? at) !== undefined)
}
