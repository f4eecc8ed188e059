import type { Job, OpenStretch } from '../jobs/job.ts'
import { fireAt } from '../jobs/schedule.ts'
import { originOf, upcomingFire } from '../jobs/upcoming.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { EndedRun, OpenRun, RunState, SkipReason, StretchRow } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'

/** Why a job did, did not, will or will not run at an instant. */
export interface Explanation {
  at: Millis
  verdict: 'ran' | 'open' | 'skipped' | 'will-run' | 'will-be-skipped' | 'undecided' | 'not-a-fire'
  /** One sentence that names the rule. */
  because: string
  reason?: SkipReason
  run?: string
  state?: RunState
  /** Log position of the entry that decided: index, and ordinal of the row within it. */
  entry?: readonly [index: number, ordinal: number]
  /** The nearest fires, when the instant is none. */
  before?: Millis
  after?: Millis
}

/** Where the past is looked up. */
export interface Past {
  openRun(id: string): OpenRun | undefined
  endedRun(id: string): Promise<EndedRun | undefined>
  coveringStretch(job: number, at: Millis): Promise<StretchRow | undefined>
}

/** Answers "why did it (not) run at that time?" from the ledger and the open stretch, and for the future from the schedule. */
export async function explain(job: Job, at: Millis, now: Millis, past: Past): Promise<Explanation> {
  const id = scheduledRunId(job.uid, at)
  const open = past.openRun(id)
  if (open) return openAnswer(at, open)
  const ended = await past.endedRun(id)
  if (ended) return endedAnswer(at, ended)
  const stretch = job.progress.stretch
  if (stretch && stretch.from <= at && at <= stretch.to && isFire(job, at)) return skippedAnswer(at, stretch)
  const row = await past.coveringStretch(job.uid, at)
  if (row && isFire(job, at)) return skippedAnswer(at, row, row.sequence)
  return at > now || at > job.progress.decidedUpTo ? aheadAnswer(job, at, now) : neverAnswer(job, at)
}

function openAnswer(at: Millis, run: OpenRun): Explanation {
  const because =
    run.state === 'queued'
      ? 'It is due and waits for its turn, a slot or an executor.'
      : `It runs, started by log entry ${run.sequence}.`
  return { at, verdict: 'open', because, run: run.id, state: run.state, entry: [run.sequence, 0] }
}

function endedAnswer(at: Millis, run: EndedRun): Explanation {
  const common = { at, run: run.id, state: run.state, entry: run.sequence }
  if (run.state === 'skipped' && run.reason) {
    return { ...common, verdict: 'skipped', reason: run.reason, because: skipSentence(run.reason, run.into) }
  }
  const why = run.error ? `: ${run.error.message}` : '.'
  return { ...common, verdict: 'ran', because: `It ran and ended ${run.state}${why}` }
}

function skippedAnswer(at: Millis, stretch: OpenStretch | StretchRow, entry?: readonly [number, number]): Explanation {
  return {
    at,
    verdict: 'skipped',
    reason: stretch.reason,
    because: skipSentence(stretch.reason, stretch.into),
    ...(stretch.into === undefined ? {} : { run: stretch.into }),
    ...(entry ? { entry } : {}),
  }
}

function aheadAnswer(job: Job, at: Millis, now: Millis): Explanation {
  const found = fireAt(job.schedules, originOf(job, Math.min(job.progress.decidedUpTo, at - 1), false), at)
  switch (found.kind) {
    case 'outside-window':
      return { at, verdict: 'not-a-fire', reason: 'outside-window', because: skipSentence('outside-window') }
    case 'not-a-fire':
      return { ...nearest(found), at, verdict: 'not-a-fire', because: 'No schedule of the job names this instant.' }
    case 'dst-gap':
      return { at, verdict: 'will-be-skipped', reason: 'dst-gap', because: skipSentence('dst-gap') }
    case 'fire':
      break
  }
  if (job.state === 'paused') return { at, verdict: 'will-be-skipped', reason: 'paused', because: skipSentence('paused') }
  if (job.state === 'quarantined') return { at, verdict: 'will-be-skipped', reason: 'quarantined', because: `${skipSentence('quarantined')} ${job.fault ?? ''}`.trim() }
  if (at > now) return { at, verdict: 'will-run', because: `Schedule ${found.fire.schedules.join(', ')} is due then.` }
  const due = upcomingFire(job, false)?.dueTime ?? at
  return { at, verdict: 'undecided', because: due > now ? 'It waits out its jitter.' : 'It is due and is being decided.' }
}

function neverAnswer(job: Job, at: Millis): Explanation {
  if (at < job.createdAt) return { at, verdict: 'not-a-fire', because: 'The job did not exist then.' }
  const found = fireAt(job.schedules, { ...originOf(job, at - 1, false), after: at - 1 }, at)
  if (found.kind === 'not-a-fire') return { ...nearest(found), at, verdict: 'not-a-fire', because: 'No schedule of the job names this instant.' }
  const because =
    at <= job.since
      ? 'The present schedules took effect later, and the earlier ones did not name this instant; or its record was trimmed.'
      : 'Its record is beyond the retention of the ledger.'
  return { at, verdict: 'not-a-fire', because }
}

function nearest({ before, after }: { before?: Millis; after?: Millis }) {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

/** A stretch covers its fires, not every instant between them. */
function isFire(job: Job, at: Millis): boolean {
  if (at <= job.since) return true
  const found = fireAt(job.schedules, { ...originOf(job, at - 1, false), after: at - 1 }, at)
  return found.kind === 'fire' || found.kind === 'dst-gap'
}

function skipSentence(reason: SkipReason, into?: string): string {
  switch (reason) {
    case 'misfire-threshold':
      return 'Nobody was scheduling when it fell due, and it was found later than misfire.threshold allows, or misfire.policy is skip.'
    case 'coalesced':
      return `It was missed, and went into ${into === undefined ? 'a later run' : `run ${into}`} (misfire.policy).`
    case 'overlap':
      return 'An earlier run of the job was still open, and overlap says to skip or the queue was full.'
    case 'max-concurrent':
      return 'maxConcurrentRuns runs of the job were open.'
    case 'paused':
      return 'The job was paused.'
    case 'outside-window':
      return 'It lies outside startAt and endAt of the schedule.'
    case 'dst-gap':
      return 'Its wall-clock time does not exist on that day (daylight saving), and gap is skip.'
    case 'no-slot':
      return 'No slot was free and the namespace held as many waiting runs as it may.'
    case 'no-executor':
      return 'No executor was online that takes this job.'
    case 'expired':
      return 'It waited longer than queueTtl allows.'
    case 'quarantined':
      return 'The job is quarantined: its schedule could not be evaluated.'
  }
}
