import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { Job } from '../jobs/job.ts'
import { hasLabels } from '../routing/routing.ts'
import { present } from '../runtime/present.ts'
import type { CommandOf } from './commands.ts'
import { closeSubject } from './episodes.ts'
import { executorChanged } from './executor-changes.ts'
import { findService } from './services.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Stands for the executor of a target that has a URL of its own. */
export const OWN_URL = '-'

export function putExecutor(turn: Turn, command: CommandOf<'executor-put'>): Answer {
  const { state } = turn
  const service = state.services.get(command.service)
  if (!service) return refuse('service-not-found', 'the service has gone')
  const executors = state.executors.get(service.uid) ?? new Map<string, Executor>()
  const old = executors.get(command.id)
  const fault = versionFault(old, command.ifVersion, `executor ${command.id}`)
  if (fault) return fault
  // Another address or another process starts with a clean circuit breaker, and well.
  const same = old && old.url === command.change.url && old.bootId === command.change.bootId ? old : undefined
  const executor: Executor = {
    id: command.id,
    service: service.uid,
    namespace: service.namespace,
    ...command.change,
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? turn.at,
    updatedAt: turn.at,
    failures: same?.failures ?? 0,
    ...present({
      failedFrom: same?.failedFrom,
      breaker: same?.breaker,
      health: same?.health,
      lastToken: old?.lastToken,
    }),
    held: old?.held ?? heldOn(state, service.uid, command.id),
  }
  executors.set(executor.id, executor)
  state.executors.set(service.uid, executors)
  executorChanged(turn, executor)
  return { version: executor.version }
}

/** Shards that an executor of this name still holds, from before it was deleted and came back. */
export function heldOn(state: State, service: number, id: string): number {
  let held = 0
  for (const { shards } of state.runs.values())
    for (const shard of shards) if (shard.placedOn === id && shard.placedIn === service) held += 1
  return held
}

/** The refusal when another process has the id than the caller thinks. */
export function bootFault(executor: Executor, boot: string | undefined) {
  if (boot === undefined || boot === executor.bootId) return undefined
  return refuse('executor-live', `another process than ${boot} has executor ${executor.id}`)
}

export function deleteExecutor(turn: Turn, command: CommandOf<'executor-delete'>): Answer {
  const executors = turn.state.executors.get(command.service)
  const executor = executors?.get(command.id)
  if (!executors || !executor) return refuse('executor-not-found', `there is no executor ${command.id}`)
  const fault = versionFault(executor, command.ifVersion, `executor ${command.id}`) ?? bootFault(executor, command.boot)
  if (fault) return fault
  executors.delete(command.id)
  closeSubject(turn, 'executor', `${command.service}/${command.id}`)
  executorChanged(turn, executor)
  return {}
}

export function findExecutor(state: State, { service, id }: { service: number; id: string }): Executor | undefined {
  return state.executors.get(service)?.get(id)
}

/** Executors of the service a job calls, or an empty map. */
export function executorsOf(state: State, job: Job): ReadonlyMap<string, Executor> {
  const name = job.spec.target.service
  const service = name === undefined ? undefined : findService(state, job.namespace, name)
  return (service && state.executors.get(service.uid)) ?? new Map()
}

/** Whether the target is a URL of its own, so that no executor has to be chosen. */
export function callsOwnUrl({ spec }: Pick<Job, 'spec'>): boolean {
  return spec.target.kind === 'http' && spec.target.url !== undefined
}

/** Whether an executor takes work of this job at all, slots aside and whether it can be called now. */
export function takesWork(executor: Executor, job: Job): boolean {
  const { status, weight, labels } = executor
  if (status !== 'online' || weight === 0 || !hasLabels(labels, job.spec.routing.labels)) return false
  return !callsByUrl(job) || !pulls(executor)
}

/** Whether an executor has to have a URL: one that polls takes calls of handlers alone. */
export function callsByUrl({ spec }: Pick<Job, 'spec'>): boolean {
  return spec.target.kind === 'http'
}
