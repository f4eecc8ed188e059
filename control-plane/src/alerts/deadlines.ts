import type { Job } from '../jobs/job.ts'
import { type CompiledSchedule, compileSchedule, latestFireAtOrBefore, nextFire } from '../jobs/schedule.ts'
import type { Millis } from '../runtime/clock.ts'
import { formatDuration } from '../runtime/duration.ts'
import { formatInstant } from '../runtime/instant.ts'
import { isPaused, wasPausedAbove } from '../state/pauses.ts'
import type { State } from '../state/state.ts'
import { TALLIES_MAX, watchKey } from './episode.ts'
import type { AlertCondition, AlertRule } from './rule.ts'

export type Deadline = Extract<AlertCondition, { kind: 'not-started' | 'not-finished' }>

/** The newest instant of a deadline after its rule began to watch, and when the next one is. */
export interface Instants {
  last?: Millis
  next?: Millis
}

export function compileDeadline({ cron, zone }: Deadline): CompiledSchedule {
  return compileSchedule({ id: 'deadline', cron, zone, gap: 'next', fold: 'first', jitterMs: 0 }, 0)
}

export function instantsOf(schedule: CompiledSchedule, since: Millis, now: Millis): Instants {
  const origin = { after: since, spread: 0, fireCount: 0, createdAt: since }
  const last = latestFireAtOrBefore([schedule], origin, now)?.fireTime
  const next = nextFire([schedule], { ...origin, after: now })?.fireTime
  return { ...(last === undefined ? {} : { last }), ...(next === undefined ? {} : { next }) }
}

/**
 * What became of a deadline of a job: `missed` when the thing cannot have happened in time, `unknown` when the rule has
 * not watched for long enough to say, or could remember no more, so that the ledger has to be asked.
 */
export function judgeDeadline(
  rule: AlertRule,
  condition: Deadline,
  state: State,
  job: Job,
  instant: Millis,
): 'kept' | 'missed' | 'unknown' {
  const begin = instant - condition.withinMs
  // Somebody stopped it, or it was not there in time.
  if (job.createdAt > begin || job.state === 'ended') return 'kept'
  // It went on, or its schedules were made, only after that.
  if (job.since > begin || wasPausedAbove(state, job, begin, instant)) return 'kept'
  if (job.state !== 'quarantined' && job.pausedWhy === undefined && isPaused(state, job)) return 'kept'
  const tally = state.alertTallies.get(watchKey(rule.uid, 'job', String(job.uid)))
  if (tally?.instant !== undefined && tally.instant >= instant) return 'kept'
  if (tally?.lastAt !== undefined && tally.lastAt > begin) return 'kept'
  if (condition.kind === 'not-started' && hasStarted(state, job, begin)) return 'kept'
  const isRemembered = tally !== undefined || state.alertTallies.size < TALLIES_MAX
  return rule.since <= begin && isRemembered ? 'missed' : 'unknown'
}

/** Whether a run that ended did in time what the deadline asks for. */
export function meets(
  { kind, withinMs }: Deadline,
  instant: Millis,
  run: { state: string; startedAt?: Millis; endedAt: Millis },
): boolean {
  const at = kind === 'not-started' ? run.startedAt : run.state === 'succeeded' ? run.endedAt : undefined
  return at !== undefined && at > instant - withinMs
}

export function missedSummary({ kind, withinMs }: Deadline, instant: Millis): string {
  const what = kind === 'not-started' ? 'Nothing started' : 'Nothing succeeded'
  return `${what} within the ${formatDuration(withinMs)} before ${formatInstant(instant)}.`
}

function hasStarted({ runs }: State, { openRuns }: Job, begin: Millis): boolean {
  return openRuns.some((id) => (runs.get(id)?.startedAt ?? -1) > begin)
}
