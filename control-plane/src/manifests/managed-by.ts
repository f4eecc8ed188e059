import type { Job as JobView } from '@cronclave/openapi'
import { revisionText } from '../discovery/manifest.ts'
import type { Job } from '../jobs/job.ts'
import { present } from '../runtime/present.ts'
import { keptFor } from '../state/manifests.ts'
import type { State } from '../state/state.ts'
import { CODES_FIELDS } from './owned-fields.ts'

/** Which code keeps a job, and what of it the code decides; undefined for one that people made. */
export function managedBy(state: State, job: Job): JobView['managedBy'] {
  if (!job.keeping) return undefined
  const status = codeStatus(state, job)
  return {
    service: state.services.get(job.keeping.service)?.name ?? '',
    ...present({ revision: revisionOf(state, job), handler: handlerName(job) }),
    status,
    fields: status === 'in-code' ? [...CODES_FIELDS] : [],
  }
}

/** The revision that the jobs of a service are at. */
export function revisionOf(state: State, { keeping }: Pick<Job, 'keeping'>): string | undefined {
  const current = keeping && state.manifests.get(keeping.service)?.current
  return current && revisionText(current)
}

/** Where a job that code kept stands. */
export function codeStatus(state: State, job: Job): NonNullable<JobView['managedBy']>['status'] {
  if (job.keeping?.detached) return 'detached'
  return keptFor(state, job) ? 'in-code' : 'absent-from-code'
}

/** The handler that a job calls. */
export function handlerName({ spec }: Job): string | undefined {
  return spec.target.kind === 'handler' ? spec.target.handler : undefined
}
