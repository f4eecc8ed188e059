import type { Job, JobSpec } from '../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../control-plane/src/runtime/clock.ts'
import type { CommandOf } from '../../control-plane/src/state/commands.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import { jobPut, pausedFires } from './jobs.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Jobs that one manifest changes at most. */
const CHANGED_MAX = 4

/**
 * What the program of a service says of some of its jobs, as the API would propose it: each has another definition. Other
 * jobs, as named, are made by it. Undefined when there is nothing for it to say.
 */
export function manifestOf(
  state: State,
  random: SeededRandom,
  definition: (job: string) => JobSpec,
  { at, made = [] }: { at: Millis; made?: readonly string[] },
): CommandOf<'manifest-reconcile'> | undefined {
  const [namespace = 0] = state.namespaces.keys()
  const service = random.pick([...state.services.values()])
  const kept = [...state.jobs.values()].filter(({ spec, keeping }) => {
    return spec.target.service === service.name && (keeping === undefined || keeping.service === service.uid)
  })
  const changed = new Set(kept.length === 0 ? [] : Array.from({ length: CHANGED_MAX }, () => random.pick(kept)))
  const target: JobSpec['target'] = { kind: 'handler', service: service.name, handler: 'work' }
  const put = (name: string, job?: Job): CommandOf<'manifest-reconcile'>['jobs'][number] => {
    const fires = job?.state === 'paused' ? pausedFires(job, at) : undefined
    const spread = job?.spread ?? random.integer(0, 1e6)
    return {
      ...jobPut(namespace, name, { ...definition(name), target }, at, spread, job),
      keeping: { service: service.uid },
      ifVersion: job?.version ?? 'new',
      ...(fires ? { fires } : {}),
    }
  }
  const jobs = [...made.map((name) => put(name)), ...[...changed].map((job) => put(job.name, job))]
  if (jobs.length === 0) return undefined
  const revision = `r${random.integer(0, 1e9)}`
  const handlers = jobs.map(({ name }) => ({ name, job: {} }))
  const ifVersion = state.manifests.get(service.uid)?.version ?? 0
  const manifest = { hash: revision, revision, handlers }
  return { kind: 'manifest-reconcile', at, service: service.uid, manifest, by: 'test', ifVersion, jobs }
}
