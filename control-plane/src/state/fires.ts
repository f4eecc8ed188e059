import type { Job, SkippedFires } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import { admit, fullError } from './admission.ts'
import type { CommandOf, FireDecision, FireStart } from './commands.ts'
import { recordEnd } from './endings.ts'
import { beginParts } from './splitting.ts'
import { isPausedAbove } from './pauses.ts'
import { isPresent, type Senders } from './senders.ts'
import { type Head, openRun, startShard } from './starting.ts'
import { closeStretch, skipFires } from './stretches.ts'
import { type Answer, note, type Turn } from './turn.ts'

export type FireVerdict = 'started' | 'queued' | 'skipped' | 'duplicate' | 'stale'

/** Decides the fires of many jobs: each becomes a run or is recorded with its reason, once. */
export function decideFires(turn: Turn, command: CommandOf<'decide-fires'>): Answer {
  const fires: FireVerdict[] = []
  const present = isPresent(turn, command)
  for (const decision of command.decisions) {
    if (present) decideJob(turn, command, decision, fires)
    else fires.push('stale')
  }
  return { fires }
}

function decideJob(turn: Turn, by: Senders, decision: FireDecision, verdicts: FireVerdict[]): void {
  const job = turn.state.jobs.get(decision.job)
  if (!job || job.version !== decision.version) {
    verdicts.push('stale')
    return
  }
  const decidedBefore = job.progress.fireCount
  let missed = 0
  for (const skipped of decision.skipped ?? []) {
    if (skipped.from <= job.progress.decidedUpTo) continue
    missed += skipped.count
    decided(job, skipped.to, skipped.count)
    skipFires(turn, job, pausedMeanwhile(turn, job, skipped))
    job.progress.lastEnd = turn.at
  }
  for (const fire of decision.fires) {
    const verdict = decideFire(turn, by, job, fire)
    verdicts.push(verdict)
    if (fire.cause === 'misfire' && verdict !== 'duplicate') missed += 1
  }
  if (decision.next) job.progress.nextFire = decision.next
  else delete job.progress.nextFire
  if (decision.ended && job.state === 'active') {
    job.state = 'ended'
    job.stateEntry = turn.index
    turn.changes.push({ kind: 'job', id: job.uid })
    turn.events.push({ type: 'job-changed', job: job.uid })
  }
  note(turn, 'progress', job.uid)
  const due = job.progress.fireCount - decidedBefore
  turn.events.push({ type: 'fires-decided', job: job.uid, due, missed })
}

/** A job's fires are taken in ascending order only, so that the ledger never has to be asked. */
function decideFire(turn: Turn, by: Senders, job: Job, fire: FireStart): FireVerdict {
  if (fire.fireTime <= job.progress.decidedUpTo) return 'duplicate'
  const previousFire = job.progress.lastFire
  decided(job, fire.fireTime, 1)
  const head: Head = {
    id: fire.run,
    cause: fire.cause,
    fireTime: fire.fireTime,
    dueTime: fire.dueTime,
    schedules: fire.schedules,
    params: job.spec.params,
  }
  if (previousFire !== undefined) head.previousFire = previousFire
  if (fire.trace !== undefined) head.trace = fire.trace
  const admission = verdictOf(turn, job, fire)
  switch (admission.verdict) {
    case 'skip':
      skipFires(turn, job, { reason: admission.reason, from: fire.fireTime, to: fire.fireTime, count: 1 })
      job.progress.lastEnd = turn.at
      return 'skipped'
    case 'fail': {
      closeStretch(turn, job)
      const run: OpenRun = openRun(turn, job, head)
      recordEnd(turn, job, run, { state: 'failed', error: fullError(job, admission.reason) })
      return 'started'
    }
    case 'queue':
      closeStretch(turn, job)
      openRun(turn, job, head, 'queue')
      return 'queued'
    case 'start': {
      closeStretch(turn, job)
      const run = openRun(turn, job, head, 'start')
      if (splitsRuns(job.spec)) beginParts(turn, job, run, fire.shards ?? [], by)
      else for (const [index, executor] of (fire.place ?? []).entries()) startShard(turn, job, run, index, executor, by)
      return 'started'
    }
  }
}

/** What fell due while an order above the job stopped it is recorded as such, and goes into no run. */
function pausedMeanwhile(turn: Turn, job: Job, skipped: SkippedFires): SkippedFires {
  const { state } = turn
  if (!isPausedAbove(state, job, skipped.from) || !isPausedAbove(state, job, skipped.to)) return skipped
  return { reason: 'paused', from: skipped.from, to: skipped.to, count: skipped.count }
}

function verdictOf(turn: Turn, job: Job, fire: FireStart): ReturnType<typeof admit> {
  if (job.state === 'paused' || isPausedAbove(turn.state, job, fire.dueTime))
    return { verdict: 'skip', reason: 'paused' }
  if (job.state === 'quarantined') return { verdict: 'skip', reason: 'quarantined' }
  if (fire.skip) return { verdict: 'skip', reason: fire.skip }
  return admit(turn, job, { id: fire.run, cause: fire.cause }, fire)
}

function decided(job: Job, upTo: number, count: number): void {
  job.progress.decidedUpTo = upTo
  job.progress.lastFire = upTo
  job.progress.fireCount += count
}
