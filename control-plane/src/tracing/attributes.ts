import type { Attributes } from '@opentelemetry/api'
import type { Job } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'
import type { State } from '../state/state.ts'

/** What a job is called. Parameters, URLs and whatever else may be secret are in no span. */
export function jobAttributes({ namespaces }: Pick<State, 'namespaces'>, job: Job): Attributes {
  return { 'cronclave.namespace': namespaces.get(job.namespace)?.name ?? '', 'cronclave.job': job.name }
}

export function runAttributes({ id, cause, parent, rerunOf, backfill }: OpenRun): Attributes {
  return {
    'cronclave.run.id': id,
    'cronclave.run.cause': cause,
    ...(parent === undefined ? {} : { 'cronclave.run.parent': parent.run }),
    ...(rerunOf === undefined ? {} : { 'cronclave.run.rerun_of': rerunOf }),
    ...(backfill === undefined ? {} : { 'cronclave.backfill.id': backfill }),
  }
}
