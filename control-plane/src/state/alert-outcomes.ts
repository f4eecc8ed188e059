import { type AlertSubject, watchKey } from '../alerts/episode.ts'
import type { AlertRule } from '../alerts/rule.ts'
import type { Job } from '../jobs/job.ts'
import type { Cause, EndedRun, OpenRun, SkipReason } from '../runs/run.ts'
import { formatDuration } from '../runtime/duration.ts'
import { rulesOn } from './alert-index.ts'
import { forgetTally, keepTally, tallyOf } from './alert-tallies.ts'
import { type Finding, fire, openEpisode, resolve } from './episodes.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** What rules say to a run that has ended. Costs a look where no rule waits for that. */
export function alertOfEnd(turn: Turn, job: Job, row: EndedRun): void {
  const { ended: atEnd, skipped } = turn.state.alertIndex.moments
  if (atEnd) for (const rule of rulesOn(atEnd, turn.state, job)) judgeEnd(turn, rule, job, row)
  if (!skipped || row.startedAt !== undefined) return
  const reason = row.state === 'skipped' ? row.reason : fullOf(row)
  if (reason !== undefined) alertOfSkip(turn, job, reason, 1, row.id)
}

/** Under `whenFull: fail` a run that finds no room ends at once. */
function fullOf({ state, error }: EndedRun): SkipReason | undefined {
  return state === 'failed' && (error?.code === 'no-slot' || error?.code === 'no-executor') ? error.code : undefined
}

/** To fires that did not start. */
export function alertOfSkip(turn: Turn, job: Job, reason: SkipReason, count: number, run?: string): void {
  const set = turn.state.alertIndex.moments.skipped
  if (!set) return
  for (const rule of rulesOn(set, turn.state, job)) {
    const { condition } = rule
    if (condition.kind !== 'missed' || !condition.reasons.includes(reason)) continue
    const what = count === 1 ? 'A fire' : `${count} fires`
    const found = { summary: `${what} did not start: ${reason}.`, count, ...(run === undefined ? {} : { run }) }
    tally(turn, rule, job, condition, found)
  }
}

/** To a run that has started. */
export function alertOfStart(turn: Turn, job: Job, run: OpenRun): void {
  const set = turn.state.alertIndex.moments.started
  if (set) for (const rule of rulesOn(set, turn.state, job)) judgeStart(turn, rule, job, run)
}

/** To a job that was stopped, or goes on. */
export function alertOfJob(turn: Turn, job: Job): void {
  const set = turn.state.alertIndex.moments.stopped
  if (set) for (const rule of rulesOn(set, turn.state, job)) judgeStopped(turn, rule, job)
}

/** To the answer of an executor: whether it took the signature. */
export function alertOfAnswer(turn: Turn, job: Job, run: string, executor: string, refused: boolean): void {
  const set = turn.state.alertIndex.moments.answered
  const service = set && turn.state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`)
  if (!set || service === undefined) return
  const subject: AlertSubject = {
    kind: 'executor',
    id: `${service}/${executor}`,
    name: executor,
    ...namespaceOf(turn.state, job),
  }
  for (const rule of rulesOn(set, turn.state, job)) {
    const found = { summary: `Executor ${executor} refuses the signature of calls.`, run }
    if (refused) fire(turn, rule, subject, found)
    else over(turn, rule, subject)
  }
}

/** A rule that begins to watch for jobs that are stopped finds those that are. */
export function stopsNow(turn: Turn, rule: AlertRule): void {
  if (!rule.enabled || rule.condition.kind !== 'stopped') return
  const set = turn.state.alertIndex.moments.stopped
  if (!set) return
  // By uid: a node that was restarted may have them in another order.
  const stopped = [...turn.state.jobs.values()].filter(isStopped).sort((a, b) => a.uid - b.uid)
  for (const job of stopped) if (rulesOn(set, turn.state, job).includes(rule)) judgeStopped(turn, rule, job)
}

export function jobSubject(state: State, job: Job): AlertSubject {
  return { kind: 'job', id: String(job.uid), name: job.name, ...namespaceOf(state, job) }
}

function namespaceOf({ namespaces }: State, { namespace }: Job): { namespace?: string } {
  const name = namespaces.get(namespace)?.name
  return name === undefined ? {} : { namespace: name }
}

function judgeEnd(turn: Turn, rule: AlertRule, job: Job, row: EndedRun): void {
  const { condition } = rule
  const isGood = row.state === 'succeeded'
  switch (condition.kind) {
    case 'run-ended':
      if (isGood) over(turn, rule, jobSubject(turn.state, job))
      else if ((condition.states as readonly string[]).includes(row.state))
        tally(turn, rule, job, condition, { summary: ended(row), run: row.id })
      return
    case 'failures-in-row': {
      if (isGood) over(turn, rule, jobSubject(turn.state, job))
      const inRow = job.progress.failuresInARow
      if (!isFailure(row) || inRow < condition.count) return
      const which = inRow === 1 ? 'Its last run' : `Its last ${inRow} runs`
      return fire(turn, rule, jobSubject(turn.state, job), {
        summary: `${which} failed; the newest: ${ended(row)}`,
        run: row.id,
      })
    }
    case 'slow': {
      if (row.startedAt === undefined) return
      const tookMs = row.endedAt - row.startedAt
      if (tookMs <= condition.durationMs) {
        if (isGood && !isStillSlow(turn, rule, job, condition.durationMs)) over(turn, rule, jobSubject(turn.state, job))
        return
      }
      const summary = `A run took ${formatDuration(tookMs)}, more than ${formatDuration(condition.durationMs)}.`
      return fire(turn, rule, jobSubject(turn.state, job), { summary, run: row.id })
    }
    case 'not-finished':
      return isGood ? happened(turn, rule, job) : undefined
    default:
  }
}

/** Whether a run that an alert was made of is still open: others that end in time do not make that good. */
function isStillSlow({ state, at }: Turn, { uid }: AlertRule, job: Job, durationMs: number): boolean {
  const episode = openEpisode({ state }, watchKey(uid, 'job', String(job.uid)))
  return [episode?.run, episode?.lastRun].some((id) => {
    const startedAt = id === undefined ? undefined : state.runs.get(id)?.startedAt
    return startedAt !== undefined && at - startedAt > durationMs
  })
}

function judgeStart(turn: Turn, rule: AlertRule, job: Job, run: OpenRun): void {
  const { condition } = rule
  switch (condition.kind) {
    case 'late': {
      if (!isScheduled(run.cause)) return
      const lateMs = turn.at - run.dueTime
      if (lateMs <= condition.latenessMs) return over(turn, rule, jobSubject(turn.state, job))
      const summary = `A run began ${formatDuration(lateMs)} after it was due, more than ${formatDuration(condition.latenessMs)}.`
      return fire(turn, rule, jobSubject(turn.state, job), { summary, run: run.id })
    }
    case 'missed':
      return isScheduled(run.cause) ? over(turn, rule, jobSubject(turn.state, job)) : undefined
    case 'not-started':
      return happened(turn, rule, job)
    default:
  }
}

function judgeStopped(turn: Turn, rule: AlertRule, job: Job): void {
  const subject = jobSubject(turn.state, job)
  const key = watchKey(rule.uid, 'job', subject.id)
  if (!isStopped(job)) return resolve(turn, key)
  if (openEpisode(turn, key)) return
  const why = job.state === 'quarantined' ? `was quarantined: ${job.fault ?? ''}` : `was paused: ${job.pausedWhy ?? ''}`
  fire(turn, rule, subject, { summary: `Job ${job.name} ${why}.` })
}

function isStopped({ state, pausedWhy }: Job): boolean {
  return state === 'quarantined' || (state === 'paused' && pausedWhy !== undefined)
}

/** Fires once something has happened as often as it must within its window. */
function tally(
  turn: Turn,
  rule: AlertRule,
  job: Job,
  { count: needed, windowMs }: { count: number; windowMs: number },
  found: Finding,
): void {
  const subject = jobSubject(turn.state, job)
  const count = found.count ?? 1
  if (needed <= count || openEpisode(turn, watchKey(rule.uid, 'job', subject.id)))
    return fire(turn, rule, subject, found)
  const kept = tallyOf(turn, rule.uid, subject)
  const recent = (kept.times ?? []).filter((at) => at > turn.at - windowMs)
  const times = [...recent, ...Array.from({ length: count }, () => turn.at)]
  if (times.length < needed) return keepTally(turn, { ...kept, times })
  forgetTally(turn, watchKey(rule.uid, 'job', subject.id))
  const summary = `${times.length} times within ${formatDuration(windowMs)}; the newest: ${found.summary}`
  fire(turn, rule, subject, { ...found, summary, count: times.length })
}

/** What had to happen in time has happened. */
function happened(turn: Turn, rule: AlertRule, job: Job): void {
  const subject = jobSubject(turn.state, job)
  keepTally(turn, { ...tallyOf(turn, rule.uid, subject), lastAt: turn.at })
  resolve(turn, watchKey(rule.uid, 'job', subject.id))
}

function over(turn: Turn, rule: AlertRule, { kind, id }: AlertSubject): void {
  const key = watchKey(rule.uid, kind, id)
  forgetTally(turn, key)
  resolve(turn, key)
}

function isScheduled(cause: Cause): boolean {
  return cause === 'schedule' || cause === 'misfire'
}

function isFailure({ state }: EndedRun): boolean {
  return state === 'failed' || state === 'timed-out' || state === 'lost'
}

function ended({ id, state, error }: EndedRun): string {
  const how =
    state === 'lost' ? 'was lost' : state === 'failed' ? 'failed' : state === 'timed-out' ? 'timed out' : state
  return `Run ${id} ${how}${error ? `: ${error.message}` : '.'}`
}
