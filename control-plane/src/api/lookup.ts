import type { Channel } from '../alerts/channel.ts'
import type { AlertRule } from '../alerts/rule.ts'
import type { Executor, Service } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import type { Sink } from '../logs/sink.ts'
import { Problem } from '../problems.ts'
import { findAlertRule } from '../state/alert-rules.ts'
import { findChannel } from '../state/channels.ts'
import { findJob } from '../state/jobs.ts'
import { findService } from '../state/services.ts'
import { findSink } from '../state/sinks.ts'
import type { Namespace, State } from '../state/state.ts'

/** The namespace of this name, or a Problem. */
export function namespaceNamed(state: State, name: string): Namespace {
  const uid = state.namespaceNames.get(name)
  const namespace = uid === undefined ? undefined : state.namespaces.get(uid)
  if (!namespace) throw new Problem('namespace-not-found', `there is no namespace ${name}`)
  return namespace
}

/** The service at this path, or a Problem. */
export function serviceAt(state: State, path: { namespace: string; service: string }): Service {
  const namespace = namespaceNamed(state, path.namespace)
  const service = findService(state, namespace.uid, path.service)
  if (!service) throw new Problem('service-not-found', `there is no service ${path.service}`)
  return service
}

/** The executor at this path, or a Problem. */
export function executorAt(
  state: State,
  path: { namespace: string; service: string; executor: string },
): { service: Service; executor: Executor } {
  const service = serviceAt(state, path)
  const executor = state.executors.get(service.uid)?.get(path.executor)
  if (!executor) throw new Problem('executor-not-found', `there is no executor ${path.executor}`)
  return { service, executor }
}

/** The job at this path, or a Problem. */
export function jobAt(state: State, path: { namespace: string; job: string }): Job {
  const namespace = namespaceNamed(state, path.namespace)
  const job = findJob(state, namespace.uid, path.job)
  if (!job) throw new Problem('job-not-found', `there is no job ${path.job}`)
  return job
}

/** The sink of this name, or a Problem. */
export function sinkAt(state: State, name: string): Sink {
  const sink = findSink(state, name)
  if (!sink) throw new Problem('sink-not-found', `there is no sink ${name}`)
  return sink
}

/** The channel at this path, of the cluster where it names no namespace, or a Problem. */
export function channelAt(state: State, path: { namespace?: string; channel: string }): Channel {
  const channel = findChannel(state, namespaceUid(state, path.namespace), path.channel)
  if (!channel) throw new Problem('channel-not-found', `there is no channel ${path.channel}`)
  return channel
}

/** The alert rule at this path, of the cluster where it names no namespace, or a Problem. */
export function alertRuleAt(state: State, path: { namespace?: string; rule: string }): AlertRule {
  const rule = findAlertRule(state, namespaceUid(state, path.namespace), path.rule)
  if (!rule) throw new Problem('alert-rule-not-found', `there is no alert rule ${path.rule}`)
  return rule
}

function namespaceUid(state: State, name: string | undefined): number {
  return name === undefined ? 0 : namespaceNamed(state, name).uid
}
