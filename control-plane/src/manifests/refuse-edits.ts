import type { Job, JobSpec } from '../jobs/job.ts'
import { type Fault, Problem } from '../problems.ts'
import type { State } from '../state/state.ts'
import { codeStatus, managedBy } from './managed-by.ts'
import { codesChanges } from './owned-fields.ts'

/** Refuses a person's change of what the code of a service decides, naming each field and the revision that decides it. */
export function refuseCodes(state: State, job: Job, wanted: JobSpec): void {
  if (!job.keeping || codeStatus(state, job) !== 'in-code') return
  const faults = codesChanges(job.spec, wanted).map(({ pointer }): Fault => {
    return { pointer, detail: `is decided by ${codeOf(state, job)}` }
  })
  if (faults.length === 0) return
  const detail = `job ${job.name} is kept by ${codeOf(state, job)}: change it there, or take it out of its code with detach=true`
  throw new Problem('managed-by-code', detail, faults)
}

/** Refuses to delete a job that the code of a service names: the next revision would make it again. */
export function refuseKept(state: State, job: Job): void {
  if (!job.keeping || codeStatus(state, job) !== 'in-code') return
  const detail = `job ${job.name} is kept by ${codeOf(state, job)}: remove it there, or delete it with detach=true`
  throw new Problem('managed-by-code', detail)
}

function codeOf(state: State, job: Job): string {
  const { service = '', revision = '', handler = '' } = managedBy(state, job) ?? {}
  return `the code of service ${service}, handler ${handler}, revision ${revision}`
}
