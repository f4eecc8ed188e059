import type { Executor } from '../discovery/executor.ts'
import type { Job, OpenStretch, SkippedFires } from '../jobs/job.ts'
import { type FireAt, fireAt, type FireOrigin } from '../jobs/schedule.ts'
import { followsItself, originOf } from '../jobs/upcoming.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { EndedRun, OpenRun, Shard, SkipReason, StretchRow } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { skipRule } from './skip-rules.ts'
import { waitRule } from './wait-rule.ts'
import { whoHasYetToPoll } from './why-nobody.ts'

/** Why a job did, did not, will or will not run at an instant. */
export interface Explanation {
  verdict:
    | 'ran'
    | 'running'
    | 'queued'
    | 'not-started'
    | 'skipped'
    | 'undecided'
    | 'will-fire'
    | 'will-skip'
    | 'not-due'
  /** A sentence for people. */
  detail: string
  reason?: SkipReason
  /** The field of the definition that decided. */
  rule?: string
  schedules?: string[]
  fireTime?: Millis
  run?: string
  stretch?: SkippedFires & { id?: string }
  /** Index of the log entry that decided: of what is still to come, the one that brought the schedules or the pause. */
  entry?: number
  /** Of a fire amid others that were skipped, which several entries decided: this is the last of them, `entry` the first. */
  lastEntry?: number
  /** The nearest fires, when nothing is due then. */
  before?: Millis
  after?: Millis
}

/** Where the past is looked up. */
export interface Past {
  openRun(id: string): OpenRun | undefined
  endedRun(id: string): Promise<EndedRun | undefined>
  coveringStretch(job: number, at: Millis): Promise<StretchRow | undefined>
  /** Log index of the order that pauses the namespace of a job, or the whole scheduler, for what falls due then. */
  pauseAbove(job: Job, dueTime: Millis): number | undefined
  /** Executors of the service that a job calls. */
  executorsOf(job: Job): ReadonlyMap<string, Executor>
}

/** Answers "why did it (not) run at that time?" from the ledger and the open stretch, and for the future from the schedule. */
export async function explain(job: Job, at: Millis, now: Millis, past: Past): Promise<Explanation> {
  const id = scheduledRunId(job.uid, at)
  const open = past.openRun(id)
  if (open) return ofOpenRun(open, job, past)
  const ended = await past.endedRun(id)
  if (ended) return ofEndedRun(ended)
  const { stretch } = job.progress
  if (stretch && covers(stretch, at) && mayBeFire(job, at)) return ofStretch(at, stretch)
  const row = await past.coveringStretch(job.uid, at)
  if (row && mayBeFire(job, at)) return ofStretch(at, row)
  return at > job.progress.decidedUpTo ? ofFuture(job, at, now, past) : ofNothing(job, at)
}

function ofOpenRun(run: OpenRun, job: Job, past: Past): Explanation {
  const { id, fireTime, schedules, sequence } = run
  const common = { fireTime, schedules, run: id, entry: sequence }
  if (run.state === 'queued') return { ...common, verdict: 'queued', ...waitRule(run, job, past) }
  const why = whoHasYetToPoll(run, past.executorsOf(job))
  const said = `It is running${partsOf(run)}.`
  return { ...common, verdict: 'running', rule: startRule(run), detail: why === undefined ? said : `${said} ${why}` }
}

/** What made a fire a run: that it was due, or that it was missed and is to be caught up. */
function startRule({ cause }: Pick<OpenRun, 'cause'>): string {
  return cause === 'misfire' ? 'misfire.policy' : 'schedules'
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
  const common = { fireTime: run.fireTime, schedules: run.schedules, run: run.id }
  const [ending] = run.sequence
  if (run.state === 'skipped' && run.reason)
    return { ...common, verdict: 'skipped', reason: run.reason, ...skipRule(run.reason, run.into), entry: ending }
  const error = run.error ? `: ${run.error.message}` : '.'
  if (run.startedAt === undefined) {
    const detail = `It did not start, and ended ${run.state}${error}`
    return {
      ...common,
      verdict: 'not-started',
      detail,
      ...(FULL.has(run.error?.code) ? { rule: 'whenFull' } : {}),
      entry: ending,
    }
  }
  const entry = run.entry ?? ending
  return { ...common, verdict: 'ran', rule: startRule(run), detail: `It ran and ended ${run.state}${error}`, entry }
}

/** Why a run fails at once under `whenFull: fail`. */
const FULL: ReadonlySet<string | undefined> = new Set(['no-slot', 'no-executor'])

function ofStretch(at: Millis, stretch: Omit<OpenStretch, 'told'> & { id?: string }): Explanation {
  const { id, reason, from, to, count, into, entries } = stretch
  return {
    verdict: 'skipped',
    fireTime: at,
    reason,
    ...skipRule(reason, into),
    stretch: { ...(id === undefined ? {} : { id }), reason, from, to, count, ...(into === undefined ? {} : { into }) },
    ...(into === undefined ? {} : { run: into }),
    ...entriesAt(at, from, to, entries),
  }
}

/** The entry that decided a fire of a stretch, or the first and the last of those among which it is. */
function entriesAt(at: Millis, from: Millis, to: Millis, [first, last]: readonly [number, number]) {
  if (first === last || at === from) return { entry: first }
  return at === to ? { entry: last } : { entry: first, lastEntry: last }
}

/** What has not been decided: it is still to come, or is being decided now. */
function ofFuture(job: Job, at: Millis, now: Millis, past: Pick<Past, 'pauseAbove'>): Explanation {
  const { nextFire } = job.progress
  // It may wait out its jitter under schedules that have been replaced.
  const found: FireAt =
    nextFire?.fireTime === at
      ? { kind: nextFire.skip ?? 'fire', fire: nextFire }
      : fireAt(job.schedules, originOf(job, Math.min(job.progress.decidedUpTo, at - 1), false), at)
  if (found.kind === 'not-a-fire') return nothingDue(found)
  const entry = job.sinceEntry
  if (found.kind === 'outside-window') return outsideWindow(job, found.schedules, at > now ? 'will-skip' : 'skipped')
  const { schedules, dueTime } = found.fire
  const common = { fireTime: at, schedules }
  if (job.state === 'ended')
    return {
      verdict: 'not-due',
      detail: 'The job has ended: no schedule of it is due any more.',
      entry: job.stateEntry,
    }
  const verdict = dueTime > now ? 'will-skip' : 'skipped'
  if (found.kind === 'dst-gap') return { verdict, reason: found.kind, ...skipRule(found.kind), ...common, entry }
  const stopped = stoppedBy(job, dueTime, past)
  if (stopped) return { verdict, ...stopped, ...common }
  const rule = 'schedules'
  if (at > now)
    return { ...common, verdict: 'will-fire', rule, detail: `Schedule ${schedules.join(', ')} is due then.`, entry }
  const detail = dueTime > now ? 'It waits out the jitter of its schedule.' : 'It is due and is being decided.'
  return { ...common, verdict: 'undecided', rule, detail, ...(at > job.since ? { entry } : {}) }
}

/** Why nothing starts by itself of a job, and the entry that stopped it. What was due meanwhile is counted when it goes on. */
function stoppedBy(job: Job, dueTime: Millis, past: Pick<Past, 'pauseAbove'>) {
  const above = past.pauseAbove(job, dueTime)
  const paused = job.state === 'paused' ? job.stateEntry : above
  if (paused !== undefined) return { reason: 'paused' as const, ...skipRule('paused'), entry: paused }
  if (job.state !== 'quarantined') return undefined
  const detail = `The job is quarantined: ${job.fault ?? 'its schedule could not be evaluated'}.`
  return { reason: 'quarantined' as const, rule: 'schedules', detail, entry: job.stateEntry }
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
  // Of those nobody keeps a record.
  if (found.kind === 'outside-window') return outsideWindow(job, found.schedules, 'skipped')
  return { verdict: 'not-due', rule: 'retention', detail: 'Its record is older than the ledger keeps.' }
}

function outsideWindow({ sinceEntry }: Job, schedules: string[], verdict: 'will-skip' | 'skipped'): Explanation {
  return { verdict, reason: 'outside-window', ...skipRule('outside-window'), schedules, entry: sinceEntry }
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
