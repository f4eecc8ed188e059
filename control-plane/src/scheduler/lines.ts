import type { Job, JobSpec } from '../jobs/job.ts'
import type { Shard } from '../runs/run.ts'
import { callsByUrl, callsOwnUrl, OWN_URL } from '../state/executors.ts'

/** What a definition says, which is asked for with every fire and does not change. */
const wants = new WeakMap<JobSpec, string>()

/**
 * The executors that a job asks for: of a service, with its labels, and with a URL where it calls one; or the one that a
 * requester chose; `-` for none, since its target has a URL of its own.
 */
export function wantsOf(job: Pick<Job, 'spec'>, executor?: string): string {
  let known = wants.get(job.spec)
  if (known === undefined) {
    known = callsOwnUrl(job) ? OWN_URL : sortOf(job)
    wants.set(job.spec, known)
  }
  return executor === undefined ? known : `${known}@${executor}`
}

function sortOf(job: Pick<Job, 'spec'>): string {
  const { target, routing } = job.spec
  const labels = Object.entries(routing.labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `;${name}=${value}`)
  return `${target.service ?? OWN_URL}${callsByUrl(job) ? ';url' : ''}${labels.join('')}`
}

/** What waits for the same capacity: slots of a namespace, and executors that can stand for each other. */
export function lineOf(namespace: number, wants: string): string {
  return `${namespace}/${wants}`
}

/** Parts for which whatever suits one suits all: of one job, bound to the same executor, and tried on the same ones. */
export function groupOf(job: Job, { bound = '', placedOn = '', tried }: Shard): string {
  return `${lineOf(job.namespace, wantsOf(job))} ${job.uid} ${bound} ${placedOn} ${tried.join()}`
}
