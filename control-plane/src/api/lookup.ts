import type { Executor, Service } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import type { Sink } from '../logs/sink.ts'
import { Problem } from '../problems.ts'
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
