import { type JobGraph, linkFaults, sizeFaults } from '../jobs/chains.ts'
import {
  keptJobName,
  revisionText,
  type ManifestHandler,
  type ManifestName,
  type SeenManifest,
  type ServiceManifest,
} from '../discovery/manifest.ts'
import type { Service } from '../discovery/executor.ts'
import type { ChildSpec, Job } from '../jobs/job.ts'
import type { Fault } from '../problems.ts'
import { present } from '../runtime/present.ts'
import type { CommandOf, JobPut } from './commands.ts'
import { graphOf, parentsOf } from './families.ts'
import { deleteJob, findJob, pauseNow, placeJob } from './jobs.ts'
import { judgeManifest } from './manifest-verdict.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Manifests of a service that are remembered: an executor of one that was forgotten would pass for a new one. */
export const SEEN_MAX = 100

/** Jobs that the code of a service may keep, those that it names no more among them. */
export const KEPT_MAX = 1000

/** A handler of a service as the manifest in force has it. */
export function handlerOf(state: State, service: number, name: string): ManifestHandler | undefined {
  return state.manifests.get(service)?.current?.handlers.find((handler) => handler.name === name)
}

/** The handler for which the code of its service keeps a job; undefined when the code in force names the job no more. */
export function keptFor(state: State, { keeping, name }: Pick<Job, 'keeping' | 'name'>): ManifestHandler | undefined {
  const handlers = keeping && state.manifests.get(keeping.service)?.current?.handlers
  return handlers && byJob(handlers).get(name)
}

const jobsOf = new WeakMap<readonly ManifestHandler[], ReadonlyMap<string, ManifestHandler>>()

/** Handlers by the name of the job that the code keeps for them; lists of jobs ask for hundreds. */
function byJob(handlers: readonly ManifestHandler[]): ReadonlyMap<string, ManifestHandler> {
  let found = jobsOf.get(handlers)
  if (!found) {
    found = new Map(handlers.flatMap((handler) => keptEntry(handler)))
    jobsOf.set(handlers, found)
  }
  return found
}

function keptEntry(handler: ManifestHandler): [string, ManifestHandler][] {
  const name = keptJobName(handler)
  return name === undefined ? [] : [[name, handler]]
}

/** The jobs that the code of a service made or took over, those that it names no more among them. */
export function keptJobs(state: State, service: number): Job[] {
  const kept = state.manifests.get(service)?.kept ?? []
  return kept.flatMap((uid) => {
    const job = state.jobs.get(uid)
    return job?.keeping?.service === service ? [job] : []
  })
}

/** Brings the jobs of a service to what its code says. Nothing is changed unless all of it holds. */
export function reconcileManifest(turn: Turn, command: CommandOf<'manifest-reconcile'>): Answer {
  const { state } = turn
  const service = state.services.get(command.service)
  if (!service) return refuse('service-not-found', 'the service has gone')
  const known = state.manifests.get(service.uid)
  if ((known?.version ?? 0) !== command.ifVersion) return seenMeanwhile(service)
  if (!command.rollback && judgeManifest(known, command.manifest) === 'older')
    return refuse('manifest-older', `a newer revision of service ${service.name} is known`)
  const fault = jobsFault(state, service, command)
  if (fault) return fault
  const revision = revisionText(command.manifest)
  const placed = command.jobs.map((put) => placeJob(turn, { ...put, at: turn.at, by: command.by }, revision).uid)
  for (const { job } of command.prune ?? []) prune(turn, state.jobs.get(job), command.by)
  keep(turn, service, command.manifest, 'reconciled', {
    current: { ...command.manifest, at: turn.at, by: command.by },
    placed,
  })
  return { version: (known?.version ?? 0) + 1 }
}

/** Remembers a manifest that changes nothing. */
export function noteManifest(turn: Turn, command: CommandOf<'manifest-note'>): Answer {
  const service = turn.state.services.get(command.service)
  if (!service) return refuse('service-not-found', 'the service has gone')
  const known = turn.state.manifests.get(service.uid)
  if ((known?.version ?? 0) !== command.ifVersion) return seenMeanwhile(service)
  keep(turn, service, command.manifest, command.outcome, present({ faults: command.faults }))
  return { version: (known?.version ?? 0) + 1 }
}

/**
 * What speaks against the children of jobs that are all made or changed at once, by name of the job: the graph is as it
 * will be, so that they may name each other in any order.
 */
export function familyFaults(
  state: State,
  namespace: number,
  jobs: readonly { name: string; children: readonly ChildSpec[] }[],
): { name: string; child?: number; detail: string }[] {
  const graph = graphWith(graphOf(state, namespace), jobs)
  const linked = jobs.flatMap(({ name, children }) =>
    linkFaults(graph, name, children).map((fault) => ({ name, ...fault })),
  )
  // What is counted must not lead round in a circle.
  if (linked.length > 0) return linked
  return jobs.flatMap(({ name }) => sizeFaults(graph, name).map((fault) => ({ name, ...fault })))
}

function graphWith(graph: JobGraph, jobs: readonly { name: string; children: readonly ChildSpec[] }[]): JobGraph {
  const changed = new Map(jobs.map(({ name, children }) => [name, children]))
  const parents = new Map<string, string[]>()
  for (const { name, children } of jobs)
    for (const { job } of children) parents.set(job, [...(parents.get(job) ?? []), name])
  return {
    childrenOf: (name) => changed.get(name) ?? graph.childrenOf(name),
    parentsOf: (name) => [
      ...[...graph.parentsOf(name)].filter((parent) => !changed.has(parent)),
      ...(parents.get(name) ?? []),
    ],
  }
}

function jobsFault(state: State, service: Service, command: CommandOf<'manifest-reconcile'>): Answer {
  for (const { name, namespace, spec, ifVersion } of command.jobs) {
    const old = findJob(state, namespace, name)
    const fault = versionFault(old, ifVersion, `job ${name}`)
    if (fault) return fault
    if (namespace !== service.namespace || spec.target.service !== service.name)
      return refuse('invalid-manifest', `job ${name} would not call service ${service.name}`)
  }
  for (const { job, version } of command.prune ?? []) {
    if (state.jobs.get(job)?.version !== version) return refuse('version-mismatch', `job ${job} was changed since`)
  }
  const puts = command.jobs.map(({ name, spec }: JobPut) => ({ name, children: spec.children }))
  const [wrong] = familyFaults(state, service.namespace, puts)
  return wrong && refuse('invalid-manifest', `the children of job ${wrong.name}: ${wrong.detail}`)
}

/** Open runs end as they would: the job is paused, and may be pruned once they have. */
function prune(turn: Turn, job: Job | undefined, by: string): void {
  if (!job) return
  const isNamed = parentsOf(turn.state, job.namespace, job.name).length > 0
  if (job.openRuns.length === 0 && !isNamed)
    deleteJob(turn, { kind: 'job-delete', at: turn.at, job: job.uid, force: true })
  else if (job.state !== 'paused') pauseNow(turn, job, by)
}

function seenMeanwhile({ name }: Service): Answer {
  return refuse('version-mismatch', `another manifest of service ${name} was seen meanwhile`)
}

/** One that was seen before keeps its place. */
function keep(
  turn: Turn,
  service: Service,
  { hash, revision, order }: ManifestName,
  outcome: SeenManifest['outcome'],
  more: { current?: NonNullable<ServiceManifest['current']>; placed?: number[]; faults?: Fault[] },
): void {
  const known = turn.state.manifests.get(service.uid)
  const current = more.current ?? known?.current
  const place = known?.seen.findIndex((one) => one.hash === hash) ?? -1
  const said: SeenManifest = {
    hash,
    ...present({ revision, order, faults: more.faults }),
    outcome,
    at: known?.seen[place]?.at ?? turn.at,
  }
  const seen = [...(known?.seen ?? [])]
  if (place < 0) seen.push(said)
  else seen[place] = said
  if (seen.length > SEEN_MAX) seen.splice(seen[0]?.hash === current?.hash ? 1 : 0, 1)
  turn.state.manifests.set(service.uid, {
    service: service.uid,
    version: (known?.version ?? 0) + 1,
    ...(current ? { current } : {}),
    seen,
    kept: [...new Set([...keptJobs(turn.state, service.uid).map(({ uid }) => uid), ...(more.placed ?? [])])],
  })
  turn.changes.push({ kind: 'manifest', id: service.uid })
  turn.events.push({ type: 'definitions-changed', what: 'service' })
}
