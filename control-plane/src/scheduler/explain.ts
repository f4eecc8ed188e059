import type { Executor } from '../discovery/executor.ts'
import type { Job, OpenStretch } from '../jobs/job.ts'
import { type FireAt, fireAt, type FireOrigin } from '../jobs/schedule.ts'
import { followsItself, originOf } from '../jobs/upcoming.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { EndedRun, OpenRun, Shard, SkipReason, StretchRow } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { type SkipRule, skipRule } from './skip-rules.ts'
import { whoHasYetToPoll, whyNobody } from './why-nobody.ts'

/** Why a job did, did not, will or will not run at an instant. */
export interface Explanation {
  verdict: 'ran' | 'running' | 'queued' | 'skipped' | 'undecided' | 'will-fire' | 'will-skip' | 'not-due'
  /** A sentence for people. */
  detail: string
  reason?: SkipReason
  /** The field of the definition that decided. */
  rule?: string
  schedules?: string[]
  fireTime?: Millis
  run?: string
  stretch?: OpenStretch & { id?: string }
  /** Index of the log entry that decided. */
  entry?: number
  /** The nearest fires, when nothing is due then. */
  before?: Millis
  after?: Millis
}

/** Where the past is looked up. */
export interface Past {
  openRun(id: string): OpenRun | undefined
  endedRun(id: string): Promise<EndedRun | undefined>
  coveringStretch(job: number, at: Millis): Promise<StretchRow | undefined>
  /** Whether the namespace of a job, or the whole scheduler, is paused for what falls due then. */
  isPausedAbove(job: Job, dueTime: Millis): boolean
  /** Executors of the service that a job calls. */
  executorsOf(job: Job): ReadonlyMap<string, Executor>
}

/** Answers "why did it (not) run at that time?" from the ledger and the open stretch, and for the future from the schedule. */
export async function explain(job: Job, at: Millis, now: Millis, past: Past): Promise<Explanation> {
  const id = scheduledRunId(job.uid, at)
  const open = past.openRun(id)
  if (open) return ofOpenRun(open, job, past.executorsOf(job))
  const ended = await past.endedRun(id)
  if (ended) return ofEndedRun(ended)
  const { stretch } = job.progress
  if (stretch && covers(stretch, at) && mayBeFire(job, at)) return ofStretch(at, stretch)
  const row = await past.coveringStretch(job.uid, at)
  if (row && mayBeFire(job, at)) return ofStretch(at, row, row.sequence[0])
  return at > job.progress.decidedUpTo ? ofFuture(job, at, now, past) : ofNothing(job, at)
}

function ofOpenRun(run: OpenRun, job: Job, executors: ReadonlyMap<string, Executor>): Explanation {
  const queued = run.state === 'queued'
  const said = queued ? 'It is due and waits for its turn, a slot or an executor.' : `It is running${partsOf(run)}.`
  const why = queued ? whyNobody(job, executors) : whoHasYetToPoll(run, executors)
  return {
    verdict: queued ? 'queued' : 'running',
    detail: why === undefined ? said : `${said} ${why}`,
    fireTime: run.fireTime,
    schedules: run.schedules,
    run: run.id,
    entry: run.sequence,
  }
}

/** How the parts of a run that was split stand, where there is something to say of them. */
function partsOf({ shards, partsLeft }: OpenRun): string {
  if (partsLeft === undefined) return ''
  const count = (wanted: (shard: Shard) => boolean) => shards.reduce((sum, shard) => sum + (wanted(shard) ? 1 : 0), 0)
  const unplaced = count(({ state, placedOn }) => state === 'waiting' && placedOn === undefined)
  const retrying = count(({ state, placedOn }) => state === 'waiting' && placedOn !== undefined)
  const failed = count(({ state }) => state === 'failed')
  const all = `${partsLeft} of ${shards.length} shards are left`
  const said = [
    ...(unplaced > 0 ? [`${unplaced} wait for an executor with a free slot`] : []),
    ...(retrying > 0 ? [`${retrying} wait for a retry`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ]
  return [`: ${all}`, ...said].join(', ')
}

function ofEndedRun(run: EndedRun): Explanation {
  const common = { fireTime: run.fireTime, schedules: run.schedules, run: run.id, entry: run.sequence[0] }
  if (run.state === 'skipped' && run.reason) {
    return { ...common, verdict: 'skipped', reason: run.reason, ...skipRule(run.reason, run.into) }
  }
  const error = run.error ? `: ${run.error.message}` : '.'
  return { ...common, verdict: 'ran', detail: `It ran and ended ${run.state}${error}` }
}

function ofStretch(at: Millis, stretch: OpenStretch & { id?: string }, entry?: number): Explanation {
  const { id, reason, from, to, count, into } = stretch
  return {
    verdict: 'skipped',
    fireTime: at,
    reason,
    ...skipRule(reason, into),
    stretch: { ...(id === undefined ? {} : { id }), reason, from, to, count, ...(into === undefined ? {} : { into }) },
    ...(into === undefined ? {} : { run: into }),
    ...(entry === undefined ? {} : { entry }),
  }
}

/** What has not been decided: it is still to come, or is being decided now. */
function ofFuture(job: Job, at: Millis, now: Millis, past: Pick<Past, 'isPausedAbove'>): Explanation {
  const { nextFire } = job.progress
  // It may wait out its jitter under schedules that have been replaced.
  const found: FireAt =
    nextFire?.fireTime === at
      ? { kind: nextFire.skip ?? 'fire', fire: nextFire }
      : fireAt(job.schedules, originOf(job, Math.min(job.progress.decidedUpTo, at - 1), false), at)
  if (found.kind === 'not-a-fire') return nothingDue(found)
  if (found.kind === 'outside-window') return willSkip('outside-window', skipRule('outside-window'), found.schedules)
  const { schedules, dueTime } = found.fire
  if (found.kind === 'dst-gap') return willSkip('dst-gap', skipRule('dst-gap'), schedules, at)
  if (job.state === 'paused' || past.isPausedAbove(job, dueTime))
    return willSkip('paused', skipRule('paused'), schedules, at)
  if (job.state === 'quarantined') {
    const detail = `The job is quarantined: ${job.fault ?? 'its schedule could not be evaluated'}.`
    return willSkip('quarantined', { rule: 'schedules', detail }, schedules, at)
  }
  if (job.state === 'ended')
    return { verdict: 'not-due', detail: 'The job has ended: no schedule of it is due any more.' }
  const common = { fireTime: at, schedules }
  if (at > now) return { ...common, verdict: 'will-fire', detail: `Schedule ${schedules.join(', ')} is due then.` }
  const detail = dueTime > now ? 'It waits out the jitter of its schedule.' : 'It is due and is being decided.'
  return { ...common, verdict: 'undecided', detail }
}

function willSkip(reason: SkipReason, rule: SkipRule, schedules: string[], fireTime?: Millis): Explanation {
  return { verdict: 'will-skip', reason, ...rule, schedules, ...(fireTime === undefined ? {} : { fireTime }) }
}

/** An instant that was decided long ago and has no record. */
function ofNothing(job: Job, at: Millis): Explanation {
  if (at < job.createdAt) return { verdict: 'not-due', detail: 'The job did not exist then.' }
  const found = fireAt(job.schedules, pastOf(job, at), at)
  if (at <= job.since) {
    const detail =
      'The present schedules took effect later, and nothing is recorded for that instant under the earlier ones.'
    return { verdict: 'not-due', detail }
  }
  if (found.kind === 'not-a-fire') return nothingDue(found)
  return { verdict: 'not-due', detail: 'Its record is older than the ledger keeps.' }
}

function nothingDue({ before, after }: { before?: Millis; after?: Millis }): Explanation {
  return {
    verdict: 'not-due',
    detail: 'No schedule of the job names that instant.',
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

function covers(stretch: OpenStretch, at: Millis): boolean {
  return stretch.from <= at && at <= stretch.to
}

/** Where the schedules stood then: what has fired since does not count towards maxFires. */
function pastOf(job: Job, at: Millis): FireOrigin {
  return { ...originOf(job, at - 1, false), fireCount: 0 }
}

/**
 * A stretch covers its fires, not every instant between them; those of earlier schedules, and of a fixed delay, can no
 * longer be told apart.
 */
function mayBeFire(job: Job, at: Millis): boolean {
  if (at <= job.since || followsItself(job)) return true
  const { kind } = fireAt(job.schedules, pastOf(job, at), at)
  return kind === 'fire' || kind === 'dst-gap'
}
