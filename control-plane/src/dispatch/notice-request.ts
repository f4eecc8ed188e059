import type { Executor, Service } from '../discovery/executor.ts'
import { addressOf } from '../discovery/pull.ts'
import type { Notice } from '../runs/notice.ts'
import type { Millis } from '../runtime/clock.ts'
import type { State } from '../state/state.ts'
import { signedMessage, type WireRequest } from './request.ts'
import type { Signing } from './scheme.ts'

/** Whom a notice goes to, or why nobody can be told now. */
export type Receiver = { service: Service; executor: Executor } | { fault: string; isFinal: boolean }

/** An executor of the service that is online; another one with each try. */
export function receiverOf(state: State, notice: Notice): Receiver {
  const uid = state.serviceNames.get(`${notice.namespace}/${notice.service}`)
  const service = uid === undefined ? undefined : state.services.get(uid)
  if (!service) return { fault: `service ${notice.service} is not there any more`, isFinal: true }
  if (service.secrets.length === 0)
    return { fault: `service ${notice.service} has no signing secret, and nothing leaves unsigned`, isFinal: true }
  if (service.signing?.scheme === 'legacy-gojob')
    return { fault: `service ${notice.service} signs as gojob does, which proves too little`, isFinal: true }
  const online = [...(state.executors.get(service.uid)?.values() ?? [])]
    .filter(({ status }) => status === 'online')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const executor = online[notice.attempts % Math.max(1, online.length)]
  return executor
    ? { service, executor }
    : { fault: `no executor of service ${notice.service} is online`, isFinal: false }
}

/** `run.skipped`, signed. Each time that it is sent it has another id, since executors take no id twice. */
export function noticeRequest(
  state: State,
  notice: Notice,
  { service, executor }: { service: Service; executor: Executor },
  keys: Signing,
  now: Millis,
): WireRequest {
  const { id, jobName, run, reason, from, to, count, stretch, attempts } = notice
  const data = {
    cluster: state.cluster,
    namespace: state.namespaces.get(notice.namespace)?.name ?? '',
    service: service.name,
    executor: executor.id,
    noticeId: String(id),
    job: jobName,
    ...(run === undefined ? {} : { runId: run }),
    reason,
    fireTime: new Date(from).toISOString(),
    lastFireTime: new Date(to).toISOString(),
    count,
    ...(stretch === undefined ? {} : { stretch }),
  }
  const message = { type: 'run.skipped', timestamp: new Date(now).toISOString(), data }
  return signedMessage(addressOf(executor), `notice_${id}_${attempts + 1}`, message, keys, now)
}
