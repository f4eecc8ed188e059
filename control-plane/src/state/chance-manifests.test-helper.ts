import { readManifest } from '../manifests/read-manifest.ts'
import type { Command } from './commands.ts'
import { keptJobs } from './manifests.ts'
import type { State } from './state.ts'

type Loose = { kind: Command['kind'] } & Record<string, unknown>

/** What the program of a service says of itself, most of which fits the state that it meets. */
export function drawManifest(state: State, int: (max: number) => number): Loose {
  const services = [...state.services.values()]
  const service = services[int(services.length || 1)]
  if (!service) return { kind: 'hash-mark' }
  const known = state.manifests.get(service.uid)
  const ifVersion = (known?.version ?? 0) + (int(8) === 0 ? 1 : 0)
  const names = [...new Set(Array.from({ length: int(4) }, () => `j${int(5)}`))].sort()
  const handlers = names.map((name, at) => {
    const children = int(3) === 0 ? names.slice(at + 1).map((job) => ({ job })) : []
    return { name: `h-${name}`, job: { name, children, retry: { max: int(3) } } }
  })
  const said = { revision: `r${int(5)}`, ...(int(2) === 0 ? { revisionOrder: int(5) } : {}), handlers }
  const { manifest, jobs } = readManifest(said, { namespace: 'default', service: service.name })
  const target = { service: service.uid, manifest, by: 't', ifVersion }
  if (int(4) === 0) {
    const faults = int(2) === 0 ? { faults: [{ pointer: '/handlers', detail: 'f' }] } : {}
    return { kind: 'manifest-note', ...target, outcome: int(2) === 0 ? 'older' : 'refused', ...faults }
  }
  const puts = jobs.map(({ name, spec }) => {
    const uid = state.jobNames.get(`${service.namespace}/${name}`)
    const version = uid === undefined ? 'new' : state.jobs.get(uid)?.version
    const kept = { service: service.uid, ...(int(5) === 0 ? { detached: true } : {}) }
    const put = { kind: 'job-put', at: state.now, namespace: service.namespace, name, spec, schedules: [], spread: 0 }
    return { ...put, by: 't', keeping: kept, ifVersion: version }
  })
  const absent = keptJobs(state, service.uid).filter(({ name }) => !names.includes(name))
  const prune = int(3) === 0 ? { prune: absent.map(({ uid, version }) => ({ job: uid, version })) } : {}
  return { kind: 'manifest-reconcile', ...target, ...(int(3) === 0 ? { rollback: true } : {}), jobs: puts, ...prune }
}
