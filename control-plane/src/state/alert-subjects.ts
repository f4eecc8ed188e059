import { forgetRulesOn } from './alert-rules.ts'
import { forgetTalliesOf } from './alert-tallies.ts'
import { closeSubject } from './episodes.ts'
import type { Turn } from './turn.ts'

/** A job has gone: what was open about it is over, and rules on it alone go too. */
export function forgetAlertsOf(turn: Turn, job: number): void {
  if (turn.state.alertRules.size === 0) return
  forgetRulesOn(turn, 'job', job)
  closeSubject(turn, 'job', String(job))
  forgetTalliesOf(turn, job)
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
