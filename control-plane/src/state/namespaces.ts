import type { CommandOf } from './commands.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Waiting runs of a namespace, at most, unless it says otherwise. */
export const QUEUED_RUNS_MAX = 100_000

/** The first entry of a cluster: its id, and the namespace `default`. */
export function initCluster(turn: Turn, command: CommandOf<'cluster-init'>): Answer {
  if (turn.state.cluster !== '') return refuse('already-exists', 'the cluster has been made already')
  turn.state.cluster = command.cluster
  turn.changes.push({ kind: 'meta', id: 'cluster' })
  return putNamespace(turn, {
    kind: 'namespace-put',
    at: command.at,
    name: 'default',
    change: { description: '', slots: command.namespaceSlots, queuedRunsMax: QUEUED_RUNS_MAX },
  })
}

export function putNamespace(turn: Turn, command: CommandOf<'namespace-put'>): Answer {
  const { state } = turn
  const uid = state.namespaceNames.get(command.name)
  const old = uid === undefined ? undefined : state.namespaces.get(uid)
  const fault = versionFault(old, command.ifVersion, `namespace ${command.name}`)
  if (fault) return fault
  const namespace = {
    uid: old?.uid ?? turn.index,
    name: command.name,
    ...command.change,
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? turn.at,
    updatedAt: turn.at,
    held: old?.held ?? 0,
    queued: old?.queued ?? 0,
  }
  state.namespaces.set(namespace.uid, namespace)
  state.namespaceNames.set(namespace.name, namespace.uid)
  turn.changes.push({ kind: 'namespace', id: namespace.uid })
  turn.events.push(
    { type: 'definitions-changed', what: 'namespace' },
    { type: 'capacity-freed', namespace: namespace.uid },
  )
  return { uid: namespace.uid, version: namespace.version }
}

export function deleteNamespace(turn: Turn, command: CommandOf<'namespace-delete'>): Answer {
  const { state } = turn
  const uid = state.namespaceNames.get(command.name)
  const namespace = uid === undefined ? undefined : state.namespaces.get(uid)
  if (!namespace) return refuse('namespace-not-found', `there is no namespace ${command.name}`)
  const fault = versionFault(namespace, command.ifVersion, `namespace ${command.name}`)
  if (fault) return fault
  const user = dependant(turn, namespace.uid)
  if (user) return refuse('in-use', `namespace ${command.name} still holds ${user}`)
  state.namespaces.delete(namespace.uid)
  state.namespaceNames.delete(namespace.name)
  state.counters.delete(namespace.uid)
  turn.changes.push({ kind: 'namespace', id: namespace.uid })
  turn.events.push({ type: 'definitions-changed', what: 'namespace' })
  return { uid: namespace.uid }
}

function dependant({ state }: Turn, namespace: number): string | undefined {
  for (const job of state.jobs.values()) if (job.namespace === namespace) return `job ${job.name}`
  for (const service of state.services.values()) if (service.namespace === namespace) return `service ${service.name}`
  const space = state.kv.get(namespace)
  for (const key of space?.entries.keys() ?? []) return `key ${key}`
  return space ? 'a lease' : undefined
}
