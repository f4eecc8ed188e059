import type { Job, JobSpec } from '../jobs/job.ts'
import type { Shard } from '../runs/run.ts'

/** What a definition says, which is asked for with every fire and does not change. */
const wants = new WeakMap<JobSpec, string>()

/** The executors that a job asks for: of a service, with its labels, or the one that a requester chose; `-` for none. */
export function wantsOf({ spec }: Pick<Job, 'spec'>, executor?: string): string {
  let known = wants.get(spec)
  if (known === undefined) {
    const labels = Object.entries(spec.routing.labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `;${name}=${value}`)
    known = `${spec.target.service ?? '-'}${labels.join('')}`
    wants.set(spec, known)
  }
  return executor === undefined ? known : `${known}@${executor}`
}

/** What waits for the same capacity: slots of a namespace, and executors that can stand for each other. */
export function lineOf(namespace: number, wants: string): string {
  return `${namespace}/${wants}`
}

/** Parts for which whatever suits one suits all: of one job, bound to the same executor, and tried on the same ones. */
export function groupOf(job: Job, { bound = '', placedOn = '', tried }: Shard): string {
  return `${lineOf(job.namespace, wantsOf(job))} ${job.uid} ${bound} ${placedOn} ${tried.join()}`
}
