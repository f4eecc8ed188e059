import { EPISODE_KEPT_MS, watchKey } from '../alerts/episode.ts'
import type { AlertRule } from '../alerts/rule.ts'
import { isRecorded } from './alert-index.ts'
import { forgetTally, keepTally, tallyOf } from './alert-tallies.ts'
import type { AlertObservation } from './alert-commands.ts'
import type { CommandOf } from './commands.ts'
import { fire, openEpisode, resolve } from './episodes.ts'
import type { Answer, Turn } from './turn.ts'

/** Observations of one entry, at most. */
export const OBSERVATIONS_MAX = 256

/** What the leader's watches saw. What is known already, or not true any more, changes nothing. */
export function observeAlerts(turn: Turn, command: CommandOf<'alerts-observed'>): Answer {
  for (const observation of command.observations) {
    const rule = turn.state.alertRules.get(observation.rule)
    if (rule?.enabled) observe(turn, rule, observation)
  }
  return {}
}

function observe(turn: Turn, rule: AlertRule, observation: AlertObservation): void {
  const { subject, firing, gone, instant, run, summary, since } = observation
  const until = observation.until === undefined ? undefined : keptTime(turn, observation.until)
  const key = watchKey(rule.uid, subject.kind, subject.id)
  if (!firing) {
    if (gone) forgetTally(turn, key)
    return resolve(turn, key, gone ? 'subject-gone' : undefined)
  }
  if (subject.kind === 'job' && !watchesJob(turn, rule, Number(subject.id))) return
  if (run !== undefined && !turn.state.runs.has(run)) return
  if (observation.key !== undefined && isRecorded(turn.state, rule.namespace, observation.key)) return
  if (instant !== undefined && !isNew(turn, rule, observation, instant)) return
  // Without an instant or a run of its own, it is the same thing seen again.
  if (instant === undefined && openEpisode(turn, key)) return
  fire(turn, rule, subject, {
    summary,
    ...(run === undefined ? {} : { run }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { isOver: true }),
    ...(observation.key === undefined ? {} : { key: observation.key }),
    ...(observation.isSaid === true ? { isSaid: true } : {}),
  })
  if (until !== undefined) resolve(turn, key, undefined, until)
}

/** The clock of whoever saw it may be wrong; what ended long ago would be forgotten at once, and told again. */
function keptTime({ at }: Turn, until: number): number {
  return Math.min(at, Math.max(until, at - EPISODE_KEPT_MS / 2))
}

/** Its scope may have been another one when the leader looked. */
function watchesJob({ state }: Turn, { scope }: AlertRule, job: number): boolean {
  return state.jobs.has(job) && (scope.kind !== 'job' || scope.job === job)
}

/** Whether an instant is judged for the first time, and what was waited for has not happened meanwhile. */
function isNew(turn: Turn, rule: AlertRule, { subject }: AlertObservation, instant: number): boolean {
  const { condition } = rule
  const kept = tallyOf(turn, rule.uid, subject)
  if (kept.instant !== undefined && kept.instant >= instant) return false
  const withinMs = 'withinMs' in condition ? condition.withinMs : undefined
  if (withinMs !== undefined && kept.lastAt !== undefined && kept.lastAt > instant - withinMs) return false
  keepTally(turn, { ...kept, instant })
  return true
}
