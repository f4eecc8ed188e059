import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { Job } from '../jobs/job.ts'
import { hasLabels } from '../routing/routing.ts'
import type { OpenRun } from '../runs/run.ts'
import { callsByUrl, callsOwnUrl, takesWork } from '../state/executors.ts'

/** Executors that a sentence names. */
const NAMED_MAX = 3

/** Why no executor takes work of a job at the moment, as a sentence; undefined when one does, or none is needed. */
export function whyNobody(job: Job, executors: ReadonlyMap<string, Executor>): string | undefined {
  if (callsOwnUrl(job)) return undefined
  const all = [...executors.values()]
  if (all.some((executor) => takesWork(executor, job))) return undefined
  const { service = '' } = job.spec.target
  const wanted = all.filter(({ labels }) => hasLabels(labels, job.spec.routing.labels))
  const polling = wanted.filter(pulls)
  if (callsByUrl(job) && polling.some(({ status }) => status === 'online'))
    return `The executors of service ${service} that are online poll for their calls, and take handlers alone.`
  if (polling.length > 0) {
    const silent = polling.filter(({ status }) => status !== 'online')
    return `Nobody takes it: no executor of service ${service} polls for its calls (${namesOf(silent)}).`
  }
  return `No executor of service ${service} takes it: ${wanted.length === 0 ? 'there is none' : namesOf(wanted)}.`
}

/** Which executors have yet to come for the calls of a run, as a sentence; undefined when none has. */
export function whoHasYetToPoll(run: OpenRun, executors: ReadonlyMap<string, Executor>): string | undefined {
  const waited = new Set<Executor>()
  for (const { attempt } of run.shards) {
    const executor = attempt && attempt.acceptedAt === undefined ? executors.get(attempt.executor) : undefined
    if (executor && pulls(executor)) waited.add(executor)
  }
  if (waited.size === 0) return undefined
  const ids = [...waited].map(({ id }) => id)
  return `It waits until ${ids.slice(0, NAMED_MAX).join(', ')}${ids.length > NAMED_MAX ? ' and others' : ''} polls for its calls.`
}

function namesOf(executors: readonly Executor[]): string {
  const named = executors.slice(0, NAMED_MAX).map(({ id, status }) => `${id} is ${status}`)
  const more = executors.length - named.length
  return named.length === 0 ? 'all of them weigh nothing' : named.join(', ') + (more > 0 ? `, and ${more} more` : '')
}
