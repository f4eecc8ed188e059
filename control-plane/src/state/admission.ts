import type { Job } from '../jobs/job.ts'
import type { OpenRun, SkipReason } from '../runs/run.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import { endRun } from './endings.ts'
import { callsOwnUrl, executorsOf, takesWork } from './executors.ts'
import { cancelOpenRuns } from './cancelling.ts'
import type { FireStart } from './commands.ts'
import { placedOn, placedShards, placementFault } from './slots.ts'
import { canBegin } from './splitting.ts'
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
  plan: Pick<FireStart, 'place' | 'shards'> | undefined,
): Admission {
  const { spec } = job
  const caughtUp = waitingCatchUps(turn, job, run)
  const open = job.openRuns.length - caughtUp.length
  const refusal =
    run.cause === 'misfire' ? roomInQueue(turn, job, caughtUp.length) : overlapFault(turn, job, open, caughtUp)
  if (refusal) return { verdict: 'skip', reason: refusal }
  // Only now is it certain that this fire becomes a run, into which others can go.
  for (const waiting of caughtUp) endRun(turn, waiting, { state: 'skipped', reason: 'coalesced', into: run.id })
  if (run.cause === 'misfire') return { verdict: 'queue' }
  if (open > 0 && spec.overlap === 'queue') return queue(turn, job)
  if (open > 0 && spec.overlap === 'cancel-running') return replaceOpen(turn, job, plan)
  const fault = planFault(turn, job, plan ?? {})
  if (fault === undefined) return { verdict: 'start' }
  const fails = spec.whenFull === 'fail' && !couldBeElsewhere(turn, job, plan)
  return fails ? { verdict: 'fail', reason: fault } : queue(turn, job)
}

/** Whether somebody is free, although whom a worker chose is no more: it is to choose again. */
function couldBeElsewhere(turn: Turn, job: Job, plan: Pick<FireStart, 'place'> | undefined): boolean {
  if (!plan?.place || splitsRuns(job.spec)) return false
  for (const { id } of executorsOf(turn.state, job).values())
    if (placementFault(turn, job, undefined, id) === undefined) return true
  return false
}

/**
 * The open runs end for one that starts, or waits for the places that they leave: never for one that fails or is skipped.
 * A request, which names no place, is looked at by a worker before it fails for want of a slot.
 */
function replaceOpen(turn: Turn, job: Job, plan: Pick<FireStart, 'place' | 'shards'> | undefined): Admission {
  const fault = withOpenGone(turn, job, () => planFault(turn, job, plan ?? {}))
  if (fault && job.spec.whenFull === 'fail' && (plan || fault === 'no-executor')) {
    const fails = !withOpenGone(turn, job, () => couldBeElsewhere(turn, job, plan))
    if (fails) return { verdict: 'fail', reason: fault }
  }
  const crowded = fault && roomInQueue(turn, job, waiting(turn, job))
  if (crowded) return { verdict: 'skip', reason: crowded }
  cancelOpenRuns(turn, job)
  return fault && planFault(turn, job, plan ?? {}) ? { verdict: 'queue' } : { verdict: 'start' }
}

/** What would be answered if the slots that a job's open runs hold were free. */
function withOpenGone<T>({ state }: Turn, job: Job, answer: () => T): T {
  const namespace = state.namespaces.get(job.namespace)
  const holders: { held: number }[] = []
  for (const shard of placedShards(state, job)) {
    const target = placedOn(state, shard)
    if (namespace) holders.push(namespace)
    if (target) holders.push(target)
  }
  for (const holder of holders) holder.held -= 1
  const given = answer()
  for (const holder of holders) holder.held += 1
  return given
}

/** Under `run-once`, catch-up runs that still wait when the next fire is due go into that fire. */
function waitingCatchUps(turn: Turn, job: Job, run: Pick<OpenRun, 'id' | 'cause'>): OpenRun[] {
  const found: OpenRun[] = []
  if (job.spec.misfire.policy !== 'run-once' || (run.cause !== 'schedule' && run.cause !== 'misfire')) return found
  // Spares a job with thousands of runs at work the search for one that waits.
  if (turn.state.namespaces.get(job.namespace)?.queued === 0) return found
  for (const id of job.openRuns) {
    const open = turn.state.runs.get(id)
    if (open?.state === 'queued' && open.cause === 'misfire') found.push(open)
  }
  return found
}

/** Why the job's other open runs keep this one from starting and from waiting, if they do. */
function overlapFault(turn: Turn, job: Job, open: number, caughtUp: readonly OpenRun[]): SkipReason | undefined {
  const { overlap, queueMax, maxConcurrentRuns } = job.spec
  if (open > 0 && overlap === 'skip') return 'overlap'
  if (open > 0 && overlap === 'queue')
    return waiting(turn, job) - caughtUp.length < queueMax ? roomInQueue(turn, job, caughtUp.length) : 'overlap'
  const left = overlap === 'cancel-running' ? 0 : open
  return maxConcurrentRuns > 0 && left >= maxConcurrentRuns ? 'max-concurrent' : undefined
}

/** Why one more run of the job's namespace cannot wait, if it cannot. `leaving`: how many are about to make room. */
export function roomInQueue(turn: Turn, job: Job, leaving = 0): 'no-slot' | undefined {
  const namespace = turn.state.namespaces.get(job.namespace)
  return namespace && namespace.queued - leaving < namespace.queuedRunsMax ? undefined : 'no-slot'
}

function queue(turn: Turn, job: Job): Admission {
  const fault = roomInQueue(turn, job)
  return fault ? { verdict: 'skip', reason: fault } : { verdict: 'queue' }
}

function waiting(turn: Turn, job: Job): number {
  return job.openRuns.reduce((count, id) => count + (turn.state.runs.get(id)?.state === 'queued' ? 1 : 0), 0)
}

function planFault(turn: Turn, job: Job, { place, shards }: Pick<FireStart, 'place' | 'shards'>) {
  if (splitsRuns(job.spec)) return shards && canBegin(turn, job, shards) ? undefined : absentFault(turn, job)
  return place ? placeFault(turn, job, place) : absentFault(turn, job)
}

function placeFault(turn: Turn, job: Job, place: readonly string[]): 'no-executor' | 'no-slot' | undefined {
  for (const executor of place) {
    const fault = placementFault(turn, job, undefined, executor)
    if (fault) return fault
  }
  const namespace = turn.state.namespaces.get(job.namespace)
  return namespace && namespace.held + place.length <= namespace.slots ? undefined : 'no-slot'
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
