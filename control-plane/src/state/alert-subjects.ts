import { watchKey } from '../alerts/episode.ts'
import type { Job } from '../jobs/job.ts'
import { forgetRulesOn } from './alert-rules.ts'
import { forgetTally } from './alert-tallies.ts'
import { closeSubject, closeSubjectOf } from './episodes.ts'
import type { Turn } from './turn.ts'

/** A job has gone: what was open about it is over, and rules on it alone go too. */
export function forgetAlertsOf(turn: Turn, { uid, namespace }: Job): void {
  const { alertRules } = turn.state
  if (alertRules.size === 0) return
  forgetRulesOn(turn, 'job', uid)
  closeSubject(turn, 'job', String(uid))
  for (const rule of alertRules.values())
    if (rule.namespace === 0 || rule.namespace === namespace) forgetTally(turn, watchKey(rule.uid, 'job', String(uid)))
}

/** A job calls another service than before: rules on that one watch it no more. */
export function forgetMoved(turn: Turn, { uid, namespace }: Job): void {
  const { alertRules } = turn.state
  if (alertRules.size === 0) return
  const isOnService = (rule: number) => alertRules.get(rule)?.scope.kind === 'service'
  closeSubjectOf(turn, 'job', String(uid), isOnService)
  for (const { uid: rule, scope } of alertRules.values())
    if (scope.kind === 'service' && scope.namespace === namespace) forgetTally(turn, watchKey(rule, 'job', String(uid)))
}

/** A namespace has another name: what is said of its jobs and services, and links to them, goes by that. */
export function renameSubjects(turn: Turn, namespace: number, name: string): void {
  const { episodes, jobs, services } = turn.state
  for (const episode of episodes.values()) {
    const { kind, id, namespace: old } = episode.subject
    if (old === undefined || old === name) continue
    const thing = kind === 'job' ? jobs.get(Number(id)) : services.get(Number.parseInt(id, 10))
    if (thing?.namespace !== namespace) continue
    episode.subject = { ...episode.subject, namespace: name }
    turn.changes.push({ kind: 'episode', id: episode.id })
  }
}

/** The same of a service, while its executors are still known. */
export function forgetServiceAlerts(turn: Turn, service: number): void {
  if (turn.state.alertRules.size === 0) return
  forgetRulesOn(turn, 'service', service)
  closeSubject(turn, 'service', String(service))
  const prefix = `executor/${service}/`
  const its = [...turn.state.alertIndex.about.keys()].filter((key) => key.startsWith(prefix))
  for (const key of its.sort()) closeSubject(turn, 'executor', key.slice('executor/'.length))
}
