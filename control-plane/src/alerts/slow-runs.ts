import type { Millis } from '../runtime/clock.ts'
import { formatDuration } from '../runtime/duration.ts'
import { type RuleSet, rulesOn } from '../state/alert-index.ts'
import { jobSubject } from '../state/alert-outcomes.ts'
import type { State } from '../state/state.ts'
import type { AlertCondition, AlertRule } from './rule.ts'
import type { Wrong } from './vitals.ts'

/** Open runs looked at before others get a turn. */
const SCAN_STEP = 5000

type SlowRule = AlertRule & { condition: Extract<AlertCondition, { kind: 'slow' }> }

/**
 * Jobs with a run that has been open for too long, by the uid of the rule that says so. Each run is looked at once, however
 * many rules there are, and others have their turn in between.
 */
export async function slowRuns(
  state: State,
  now: Millis,
  breathe: () => Promise<void>,
): Promise<ReadonlyMap<number, Wrong[]>> {
  const found = new Map<number, Wrong[]>()
  const set = state.alertIndex.moments.ended
  const shortestMs = shortest(state)
  if (!set || !Number.isFinite(shortestMs)) return found
  const ofJobs = new Map<number, Set<SlowRule>>()
  let looked = 0
  for (const { id, job, startedAt } of state.runs.values()) {
    if (++looked % SCAN_STEP === 0) await breathe()
    if (startedAt === undefined || now - startedAt <= shortestMs) continue
    let left = ofJobs.get(job)
    if (!left) ofJobs.set(job, (left = new Set(slowRulesOn(set, state, job))))
    for (const rule of left) {
      const { durationMs } = rule.condition
      if (now - startedAt <= durationMs) continue
      // One run of a job is enough.
      left.delete(rule)
      const wrong = wrongOf(state, job, { id, startedAt, durationMs })
      const its = found.get(rule.uid)
      if (wrong && its) its.push(wrong)
      else if (wrong) found.set(rule.uid, [wrong])
    }
  }
  return found
}

function shortest({ alertRules }: State): number {
  let shortestMs = Number.POSITIVE_INFINITY
  for (const rule of alertRules.values())
    if (isSlowRule(rule)) shortestMs = Math.min(shortestMs, rule.condition.durationMs)
  return shortestMs
}

function slowRulesOn(set: RuleSet, state: State, uid: number): SlowRule[] {
  const job = state.jobs.get(uid)
  return job ? rulesOn(set, state, job).filter(isSlowRule) : []
}

function isSlowRule(rule: AlertRule): rule is SlowRule {
  return rule.enabled && rule.condition.kind === 'slow'
}

function wrongOf(
  state: State,
  uid: number,
  { id, startedAt, durationMs }: { id: string; startedAt: Millis; durationMs: number },
): Wrong | undefined {
  const job = state.jobs.get(uid)
  return (
    job && {
      subject: jobSubject(state, job),
      summary: `Run ${id} has been going on for more than ${formatDuration(durationMs)}.`,
      since: startedAt,
      run: id,
    }
  )
}
