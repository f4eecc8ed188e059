import { isDeepStrictEqual } from 'node:util'
import type { Job, JobSpec, Json } from '../jobs/job.ts'
import { checkParams, schemaFault } from '../params/check.ts'
import { checkJobParams, isScheduled } from '../params/job-params.ts'
import { type Fault, Problem } from '../problems.ts'
import { handlerOf } from '../state/manifests.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'

/** Refuses a definition whose parameters do not fit its handler. */
export function refuseUnfitJob(state: State, namespace: number, spec: JobSpec): void {
  const schema = schemaOf(state, namespace, spec)
  if (schema) refuse(checkJobParams(schema, spec))
}

/**
 * Refuses parameters that a request puts over those of a job or run, when what comes of both does not fit. Where that is what
 * was there, the run is as a scheduled one would be: only what a job without a schedule left to its triggers has to be there.
 */
export function refuseUnfitRun(state: State, job: Job, base: Params, over: Params | undefined): void {
  const isNew = Object.entries(over ?? {}).some(
    ([name, value]) => !Object.hasOwn(base, name) || !isDeepStrictEqual(base[name], value),
  )
  if (!isNew && isScheduled(job.spec)) return
  const schema = schemaOf(state, job.namespace, job.spec)
  if (schema) refuse(checkParams(schema, { ...base, ...over }))
}

type Params = { [key: string]: Json }

/** What of a job does not fit what its handler says of itself by now. It runs all the same: the handler has the last word. */
export function paramsWarnings(state: State, job: Job): Fault[] {
  const schema = schemaOf(state, job.namespace, job.spec)
  if (!schema) return []
  const fault = schemaFault(schema)
  if (fault === undefined) return checkJobParams(schema, job.spec)
  return [{ pointer: '/target/handler', detail: `parameters are not checked: the schema of the handler ${fault}` }]
}

/** The schema that the newest manifest of its service gives the handler of a job. */
function schemaOf(state: State, namespace: number, { target }: JobSpec): object | undefined {
  if (target.kind !== 'handler') return undefined
  const service = findService(state, namespace, target.service)
  return service && handlerOf(state, service.uid, target.handler)?.params
}

function refuse(faults: Fault[]): void {
  if (faults.length > 0) throw new Problem('invalid-params', undefined, faults)
}
