import type { Job } from '../jobs/job.ts'
import type { OpenRun, SkipReason } from '../runs/run.ts'
import { endRun } from './endings.ts'
import { callsOwnUrl, executorsOf, takesWork } from './executors.ts'
import { cancelOpenRuns } from './cancelling.ts'
import { placementFault } from './slots.ts'
import type { Turn } from './turn.ts'

/** What becomes of a fire or a request that is tested against the state. */
export type Admission =
  | { verdict: 'start' }
  | { verdict: 'queue' }
  | { verdict: 'skip'; reason: SkipReason }
  | { verdict: 'fail'; reason: 'no-slot' | 'no-executor' }

/**
 * The only referee. The first test that fails is the reason: overlap, maxConcurrentRuns, executor, slots.
 * A missed fire that is caught up waits in order like a queued one, whatever the overlap policy, unless runs may overlap.
 */
export function admit(
  turn: Turn,
  job: Job,
  run: Pick<OpenRun, 'id' | 'cause'>,
  place: readonly string[] | undefined,
): Admission {
  const { spec } = job
  const catchUp = run.cause === 'misfire'
  coalesceWaiting(turn, job, run)
  if (catchUp) return queue(turn, job)
  if (job.openRuns.length > 0 && spec.overlap !== 'allow') {
    if (spec.overlap === 'skip') return { verdict: 'skip', reason: 'overlap' }
    if (spec.overlap === 'queue')
      return waiting(turn, job) < spec.queueMax ? queue(turn, job) : { verdict: 'skip', reason: 'overlap' }
    cancelOpenRuns(turn, job)
  }
  if (spec.maxConcurrentRuns > 0 && job.openRuns.length >= spec.maxConcurrentRuns)
    return { verdict: 'skip', reason: 'max-concurrent' }
  const fault = place ? placeFault(turn, job, place) : absentFault(turn, job)
  if (fault === undefined) return { verdict: 'start' }
  return spec.whenFull === 'fail' ? { verdict: 'fail', reason: fault } : queue(turn, job)
}

/** Under `run-once`, a catch-up run that still waits when the next fire is due goes into that fire. */
function coalesceWaiting(turn: Turn, job: Job, run: Pick<OpenRun, 'id' | 'cause'>): void {
  if (job.spec.misfire.policy !== 'run-once' || (run.cause !== 'schedule' && run.cause !== 'misfire')) return
  for (const id of [...job.openRuns]) {
    const open = turn.state.runs.get(id)
    if (open?.state === 'queued' && open.cause === 'misfire')
      endRun(turn, open, { state: 'skipped', reason: 'coalesced', into: run.id })
  }
}

function queue(turn: Turn, job: Job): Admission {
  const namespace = turn.state.namespaces.get(job.namespace)
  return namespace && namespace.queued < namespace.queuedRunsMax
    ? { verdict: 'queue' }
    : { verdict: 'skip', reason: 'no-slot' }
}

function waiting(turn: Turn, job: Job): number {
  return job.openRuns.reduce((count, id) => count + (turn.state.runs.get(id)?.state === 'queued' ? 1 : 0), 0)
}

function placeFault(turn: Turn, job: Job, place: readonly string[]): 'no-executor' | 'no-slot' | undefined {
  const namespace = turn.state.namespaces.get(job.namespace)
  if (!namespace || namespace.held + place.length > namespace.slots) return 'no-slot'
  for (const executor of place) {
    const fault = placementFault(turn, job, undefined, executor)
    if (fault) return fault
  }
  return undefined
}

/** Why nothing was planned: nobody could take it, or everybody who could is full. */
function absentFault(turn: Turn, job: Job): 'no-executor' | 'no-slot' {
  if (callsOwnUrl(job)) return 'no-slot'
  for (const executor of executorsOf(turn.state, job).values()) if (takesWork(executor, job)) return 'no-slot'
  return 'no-executor'
}

/** The error of a run that ends at once because nothing was free and its job says not to wait. */
export function fullError(job: Job, reason: 'no-slot' | 'no-executor') {
  const what =
    reason === 'no-slot' ? 'no slot is free' : `no executor of service ${job.spec.target.service ?? '-'} is online`
  return { code: reason, message: `Job ${job.name} was not started: ${what}, and whenFull is fail.` }
}
