import type { Job } from '../jobs/job.ts'
import {
  type Backfill,
  BACKFILL_FIRES_MAX,
  BACKFILL_PARALLEL_MAX,
  type BackfillFire,
  BACKFILLS_MAX,
} from '../runs/backfill.ts'
import { backfillRunId } from '../runs/ids.ts'
import type { EndedRun } from '../runs/run.ts'
import { roomInQueue } from './admission.ts'
import type { CommandOf } from './commands.ts'
import { endRun } from './endings.ts'
import { executorsOf } from './executors.ts'
import { rememberRequest, repeatedRequest } from './idempotency.ts'
import { openRun } from './starting.ts'
import { type Answer, refuse, type Turn } from './turn.ts'

/** Begins to run a past range again: the first of its runs are queued at once, each other one when one of them ends. */
export function startBackfill(turn: Turn, command: CommandOf<'backfill-start'>): Answer {
  const { state } = turn
  const job = state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const repeat = repeatedRequest(turn, job.namespace, command.idempotency)
  if (repeat) return repeat
  if (state.backfills.has(command.backfill)) return refuse('already-exists', `${command.backfill} exists already`)
  if (command.executor !== undefined && !executorsOf(state, job).has(command.executor))
    return refuse('executor-not-found', `there is no executor ${command.executor}`)
  if (!makeRoom(turn, job.namespace))
    return refuse('backfills-full', `${BACKFILLS_MAX} backfills of the namespace are active already`)
  const waiting = distinct(command.fires).slice(0, BACKFILL_FIRES_MAX)
  const backfill: Backfill = {
    id: command.backfill,
    job: job.uid,
    namespace: job.namespace,
    from: command.from,
    to: command.to,
    state: 'active',
    waiting,
    total: waiting.length,
    ended: { succeeded: 0, failed: 0, 'timed-out': 0, cancelled: 0, lost: 0, skipped: 0 },
    parallel: Math.max(1, Math.min(command.parallel, BACKFILL_PARALLEL_MAX)),
    ...(command.overlap === undefined ? {} : { overlap: command.overlap }),
    ...(command.params === undefined ? {} : { params: command.params }),
    ...(command.executor === undefined ? {} : { executor: command.executor }),
    by: command.by,
    createdAt: turn.at,
    sequence: turn.index,
    open: [],
  }
  state.backfills.set(backfill.id, backfill)
  rememberRequest(turn, job.namespace, { ...command, run: backfill.id })
  goOn(turn, backfill)
  return { run: backfill.id }
}

/** Drops what has no run yet and ends what waits for a place; what runs goes on. */
export function cancelBackfill(turn: Turn, command: CommandOf<'backfill-cancel'>): Answer {
  const backfill = turn.state.backfills.get(command.backfill)
  if (!backfill) return refuse('backfill-not-found', `there is no backfill ${command.backfill}`)
  if (backfill.state !== 'active') return {}
  backfill.state = 'cancelled'
  backfill.waiting = []
  backfill.endedAt = turn.at
  changed(turn, backfill)
  const error = { code: 'cancelled', message: `The backfill was cancelled by ${command.by}.` }
  for (const id of [...backfill.open]) {
    const run = turn.state.runs.get(id)
    if (run?.state === 'queued') endRun(turn, run, { state: 'cancelled', error })
  }
  return {}
}

/** One of its runs has ended: it is counted, and the next one is made. */
export function noteBackfilled(turn: Turn, row: EndedRun): void {
  const backfill = turn.state.backfills.get(row.backfill ?? '')
  if (!backfill) return
  const place = backfill.open.indexOf(row.id)
  if (place >= 0) backfill.open.splice(place, 1)
  backfill.ended[row.state] += 1
  goOn(turn, backfill)
}

/** Goes on with those that found the queue of their namespace full, the oldest first, as far as there is room by now. */
export function resumeBackfills(turn: Turn): void {
  const { backfills, jobs } = turn.state
  for (const backfill of backfills.values()) {
    const { namespace, open, parallel, waiting } = backfill
    if (waiting.length === 0 || open.length >= parallel || !turn.roomyQueues.includes(namespace)) continue
    const job = jobs.get(backfill.job)
    if (job && roomInQueue(turn, job) === undefined) goOn(turn, backfill)
  }
}

/** The backfills of a job go with it; their runs stay in the ledger. */
export function forgetBackfills(turn: Turn, job: Job): void {
  for (const backfill of turn.state.backfills.values()) {
    if (backfill.job !== job.uid) continue
    turn.state.backfills.delete(backfill.id)
    changed(turn, backfill)
  }
}

/** Makes as many of its runs as may be open, and may wait: the others are made when runs end, or leave the queue. */
function goOn(turn: Turn, backfill: Backfill): void {
  const job = turn.state.jobs.get(backfill.job)
  while (job && backfill.open.length < backfill.parallel && roomInQueue(turn, job) === undefined) {
    const fire = backfill.waiting.shift()
    if (!fire) break
    const run = openRun(turn, job, headOf(turn, job, backfill, fire), 'queue')
    backfill.open.push(run.id)
  }
  if (backfill.state === 'active' && backfill.open.length === 0 && backfill.waiting.length === 0) {
    backfill.state = 'done'
    backfill.endedAt = turn.at
  }
  changed(turn, backfill)
}

function headOf(turn: Turn, job: Job, backfill: Backfill, { fireTime, schedules }: BackfillFire) {
  return {
    id: backfillRunId(backfill.id, fireTime),
    cause: 'backfill' as const,
    fireTime,
    dueTime: turn.at,
    schedules,
    params: backfill.params === undefined ? job.spec.params : { ...job.spec.params, ...backfill.params },
    requestedBy: backfill.by,
    backfill: backfill.id,
    ...(backfill.executor === undefined ? {} : { executor: backfill.executor }),
  }
}

/** One of each instant: two runs for one would have the same id. */
function distinct(fires: readonly BackfillFire[]): BackfillFire[] {
  const seen = new Set<number>()
  return fires.filter(({ fireTime }) => seen.size !== seen.add(fireTime).size)
}

/** False when as many as there may be are active. */
function makeRoom(turn: Turn, namespace: number): boolean {
  const present = [...turn.state.backfills.values()].filter((backfill) => backfill.namespace === namespace)
  if (present.length < BACKFILLS_MAX) return true
  const oldest = present.find(({ state, open }) => state !== 'active' && open.length === 0)
  if (!oldest) return false
  turn.state.backfills.delete(oldest.id)
  changed(turn, oldest)
  return true
}

function changed(turn: Turn, { id }: Backfill): void {
  turn.changes.push({ kind: 'backfill', id })
}
