import type { Job, JobSpec, Json } from '../jobs/job.ts'
import { checkParams, schemaFault } from '../params/check.ts'
import { type Fault, Problem } from '../problems.ts'
import { handlerOf } from '../state/manifests.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'

type Params = { [key: string]: Json }

/**
 * Refuses a definition whose parameters do not fit its handler. A job without a schedule may leave what is needed to those
 * who trigger it.
 */
export function refuseUnfitJob(state: State, namespace: number, spec: JobSpec): void {
  refuse(faultsOf(state, namespace, spec, spec.params, !isScheduled(spec)))
}

/**
 * Refuses parameters that a request puts over those of a job or run, when what comes of both does not fit. Without any, the
 * run is as a scheduled one would be: only what a job without a schedule left to its triggers has to be there.
 */
export function refuseUnfitRun(state: State, job: Job, merged: Params, over: object | undefined): void {
  if (over === undefined && isScheduled(job.spec)) return
  refuse(faultsOf(state, job.namespace, job.spec, merged, false))
}

/** What will keep a job from doing its work as it stands; it runs all the same, and its handler has the last word. */
export function paramsWarnings(state: State, job: Job): Fault[] {
  const schema = schemaOf(state, job.namespace, job.spec)
  if (!schema) return []
  const fault = schemaFault(schema)
  if (fault !== undefined) {
    return [{ pointer: '/target/handler', detail: `parameters are not checked: the schema of the handler ${fault}` }]
  }
  return faultsOf(state, job.namespace, job.spec, job.spec.params, !isScheduled(job.spec))
}

function faultsOf(state: State, namespace: number, spec: JobSpec, params: Params, partial: boolean): Fault[] {
  const schema = schemaOf(state, namespace, spec)
  return schema ? checkParams(schema, params, { partial }) : []
}

/** The schema that the newest manifest of its service gives the handler of a job. */
function schemaOf(state: State, namespace: number, { target }: JobSpec): object | undefined {
  if (target.kind !== 'handler') return undefined
  const service = findService(state, namespace, target.service)
  return service && handlerOf(state, service.uid, target.handler)?.params
}

function isScheduled({ schedules }: JobSpec): boolean {
  return schedules.some(({ cron, everyMs, afterMs, at }) => (cron ?? everyMs ?? afterMs ?? at) !== undefined)
}

function refuse(faults: Fault[]): void {
  if (faults.length > 0) throw new Problem('invalid-params', undefined, faults)
}
