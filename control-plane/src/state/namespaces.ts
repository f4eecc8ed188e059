import type { CommandOf } from './commands.ts'
import { forgetAlerting } from './alert-rules.ts'
import { renameSubjects } from './alert-subjects.ts'
import { forgetNotices } from './notices.ts'
import { renameTokens, revokeTokens, tokensOf } from './tokens.ts'
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
    ...(old?.pause === undefined ? {} : { pause: old.pause }),
    ...(old?.goneUpTo === undefined ? {} : { goneUpTo: old.goneUpTo }),
    held: old?.held ?? 0,
    queued: old?.queued ?? 0,
  }
  state.namespaces.set(namespace.uid, namespace)
  state.namespaceNames.set(namespace.name, namespace.uid)
  turn.changes.push({ kind: 'namespace', id: namespace.uid })
  turn.roomyQueues.push(namespace.uid)
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
  const held = contents(turn, namespace.uid)
  if (held) return refuse('in-use', `namespace ${command.name} still holds ${held}`)
  revokeTokens(turn, tokensOf(state, namespace.name))
  state.namespaces.delete(namespace.uid)
  state.namespaceNames.delete(namespace.name)
  state.counters.delete(namespace.uid)
  forgetAlerting(turn, namespace.uid)
  forgetNotices(turn, namespace.uid)
  turn.changes.push({ kind: 'namespace', id: namespace.uid })
  turn.events.push({ type: 'definitions-changed', what: 'namespace' })
  return { uid: namespace.uid }
}

/**
 * Gives a namespace another name. Everything in it is kept under its uid and stays; tokens go with it, so that they may
 * do what they could before, to the same things, and the old name gives nobody anything.
 */
export function renameNamespace(turn: Turn, command: CommandOf<'namespace-rename'>): Answer {
  const { state } = turn
  const namespace = state.namespaces.get(state.namespaceNames.get(command.name) ?? -1)
  if (!namespace) return refuse('namespace-not-found', `there is no namespace ${command.name}`)
  const fault = versionFault(namespace, command.ifVersion, `namespace ${command.name}`)
  if (fault) return fault
  if (command.to === command.name) return { uid: namespace.uid, version: namespace.version }
  if (state.namespaceNames.has(command.to)) return refuse('already-exists', `namespace ${command.to} exists already`)
  const waiting = tokensOf(state, command.to).length
  if (waiting > 0) {
    const tokens = waiting === 1 ? 'a token is' : `${waiting} tokens are`
    return refuse(
      'in-use',
      `${tokens} made out for ${command.to}, and would get rights over what is in ${command.name}`,
    )
  }
  renameTokens(turn, command.name, command.to)
  renameSubjects(turn, namespace.uid, command.to)
  state.namespaceNames.delete(command.name)
  state.namespaceNames.set(command.to, namespace.uid)
  state.namespaces.set(namespace.uid, {
    ...namespace,
    name: command.to,
    version: namespace.version + 1,
    updatedAt: turn.at,
  })
  turn.changes.push({ kind: 'namespace', id: namespace.uid })
  turn.events.push({ type: 'definitions-changed', what: 'namespace' })
  return { uid: namespace.uid, version: namespace.version + 1 }
}

/** What a namespace holds that would go with it, e.g. `2 jobs, 1 service`; undefined when it is empty. */
function contents({ state }: Turn, namespace: number): string | undefined {
  const ofIt = (those: Iterable<{ namespace: number }>): number => {
    let count = 0
    for (const one of those) if (one.namespace === namespace) count += 1
    return count
  }
  const space = state.kv.get(namespace)
  const counts: [number, string][] = [
    [ofIt(state.jobs.values()), 'job'],
    [ofIt(state.services.values()), 'service'],
    [space?.entries.size ?? 0, 'key'],
    [space?.leases ?? 0, 'lease'],
  ]
  const held = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`)
  return held.length > 0 ? held.join(', ') : undefined
}
