import type { Service, ServiceSigning } from '../discovery/executor.ts'
import type { CommandOf } from './commands.ts'
import { forgetServiceAlerts } from './alert-subjects.ts'
import { forgetHealth } from './health.ts'
import type { State } from './state.ts'
import { revokeTokens, tokensOf } from './tokens.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

export function findService(state: State, namespace: number, name: string): Service | undefined {
  const uid = state.serviceNames.get(`${namespace}/${name}`)
  return uid === undefined ? undefined : state.services.get(uid)
}

export function putService(turn: Turn, command: CommandOf<'service-put'>): Answer {
  const { state } = turn
  if (!state.namespaces.has(command.namespace)) return refuse('namespace-not-found', 'the namespace has gone')
  const old = findService(state, command.namespace, command.name)
  const fault = versionFault(old, command.ifVersion, `service ${command.name}`)
  if (fault) return fault
  const service: Service = {
    uid: old?.uid ?? turn.index,
    namespace: command.namespace,
    name: command.name,
    description: command.change.description,
    allowedHosts: command.change.allowedHosts,
    ...(command.change.healthCheck ? { healthCheck: command.change.healthCheck } : {}),
    ...signingOf(old, command.change.signing),
    secrets: command.change.secrets ?? old?.secrets ?? [],
    version: (old?.version ?? 0) + 1,
    createdAt: old?.createdAt ?? turn.at,
    updatedAt: turn.at,
  }
  state.services.set(service.uid, service)
  state.serviceNames.set(`${service.namespace}/${service.name}`, service.uid)
  if (!old) state.executors.set(service.uid, new Map())
  else if (!service.healthCheck) forgetHealth(turn, service.uid)
  turn.changes.push({ kind: 'service', id: service.uid })
  turn.events.push({ type: 'definitions-changed', what: 'service' })
  return { uid: service.uid, version: service.version }
}

/** What is not mentioned stays; `hmac` stands for nothing. */
function signingOf(old: Service | undefined, change: ServiceSigning | 'hmac' | undefined): Pick<Service, 'signing'> {
  const signing = change ?? old?.signing
  return signing === undefined || signing === 'hmac' ? {} : { signing }
}

export function deleteService(turn: Turn, command: CommandOf<'service-delete'>): Answer {
  const { state } = turn
  const service = state.services.get(command.service)
  if (!service) return refuse('service-not-found', 'the service has gone')
  const fault = versionFault(service, command.ifVersion, `service ${service.name}`)
  if (fault) return fault
  for (const job of state.jobs.values()) {
    if (job.namespace === service.namespace && job.spec.target.service === service.name) {
      return refuse('in-use', `job ${job.name} calls service ${service.name}`)
    }
  }
  // Sorted: a node that was restarted has them in another order.
  for (const id of [...(state.executors.get(service.uid)?.keys() ?? [])].sort()) {
    turn.changes.push({ kind: 'executor', service: service.uid, id })
  }
  revokeTokens(turn, tokensOf(state, state.namespaces.get(service.namespace)?.name ?? '', service.name))
  state.executors.delete(service.uid)
  if (state.manifests.delete(service.uid)) turn.changes.push({ kind: 'manifest', id: service.uid })
  forgetServiceAlerts(turn, service.uid)
  state.services.delete(service.uid)
  state.serviceNames.delete(`${service.namespace}/${service.name}`)
  turn.changes.push({ kind: 'service', id: service.uid })
  turn.events.push({ type: 'definitions-changed', what: 'service' })
  return { uid: service.uid }
}
