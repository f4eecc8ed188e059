import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** Parts of a run that the simulation draws, at most. */
const PARTS_MAX = 8

/**
 * Whether nothing is in the way of a queued run as things stand: the job's other runs let it begin, its namespace has a
 * slot, and an executor that suits it is there with one. Where that is hard to say, no.
 */
export function couldStart(state: State, run: OpenRun): boolean {
  const job = state.jobs.get(run.job)
  return job !== undefined && isItsTurn(state, job, run) && hasPlace(state, job, run)
}

/** Whether the job's other runs let a queued one begin: alone, unless they may overlap. */
export function isItsTurn(state: State, job: Job, run: OpenRun): boolean {
  const asked = run.backfill === undefined ? undefined : state.backfills.get(run.backfill)?.overlap
  if ((asked ?? job.spec.overlap) !== 'allow') return job.openRuns[0] === run.id
  const running = job.openRuns.filter((id) => state.runs.get(id)?.state === 'running').length
  return job.spec.maxConcurrentRuns === 0 || running < job.spec.maxConcurrentRuns
}

/** Whether there are slots for a run to begin. */
export function hasPlace(state: State, job: Job, run: OpenRun): boolean {
  const namespace = state.namespaces.get(job.namespace)
  const free = namespace === undefined ? 0 : namespace.slots - namespace.held
  if (free <= 0) return false
  if (hasOwnUrl(job)) return true
  const service = state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) ?? -1
  const executors = [...(state.executors.get(service)?.values() ?? [])]
  const bound = new Set(run.shards.flatMap((shard) => run.executor ?? shard.bound ?? []))
  if (run.executor !== undefined) bound.add(run.executor)
  const suiting = executors.filter((one) =>
    bound.size > 0 ? bound.has(one.id) && isReached(one) && !(isHttp(job) && one.url === 'pull') : suits(one, job),
  )
  if (!isSplit(job)) return suiting.some(hasSlot)
  // Each part is for one of them, and none begins elsewhere than a plan says.
  if (job.spec.placement === 'partial') return suiting.length > 0 && suiting.every(hasSlot)
  // Everyone is to have a part of a broadcast, who is not reached at the moment too.
  const all = job.spec.routing.strategy === 'broadcast' ? executors.filter((one) => takesWork(one, job)) : suiting
  const isClear = all.length > 0 && all.every((one) => one.slots === 0 && isReached(one))
  return isClear && bound.size === 0 && free >= PARTS_MAX
}

/** Whether an executor is one for a job: there, with traffic, with the labels, and called in a way that it can be called. */
export function suits(executor: Executor, job: Job): boolean {
  return isReached(executor) && takesWork(executor, job)
}

/** The same, whether or not it can be reached at the moment. */
export function takesWork({ status, weight, url, labels }: Executor, job: Job): boolean {
  if (status !== 'online' || weight === 0 || (isHttp(job) && url === 'pull')) return false
  return Object.entries(job.spec.routing.labels).every(([key, value]) => labels[key] === value)
}

/** Whether nobody suits a part that is under way as its job is now: every executor is another one's, or polls for handlers alone. */
export function isUnserved(state: State, { job: uid }: OpenRun, bound: string | undefined): boolean {
  const job = state.jobs.get(uid)
  if (job === undefined || hasOwnUrl(job)) return false
  const service = state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) ?? -1
  const executors = state.executors.get(service)
  if (bound !== undefined) return isHttp(job) && executors?.get(bound)?.url === 'pull'
  return ![...(executors?.values() ?? [])].some((one) => takesWork(one, job))
}

export function isSplit({ spec }: Job): boolean {
  return spec.routing.strategy === 'sharded' || spec.routing.strategy === 'broadcast'
}

export function hasOwnUrl({ spec }: Job): boolean {
  return spec.target.kind === 'http' && spec.target.url !== undefined
}

function isHttp({ spec }: Job): boolean {
  return spec.target.kind === 'http'
}

function isReached({ status, breaker, health }: Executor): boolean {
  return status === 'online' && breaker === undefined && health === undefined
}

function hasSlot({ slots, held }: Executor): boolean {
  return slots === 0 || held < slots
}
