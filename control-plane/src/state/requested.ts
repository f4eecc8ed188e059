import type { Job } from '../jobs/job.ts'
import { admit, fullError, roomInQueue } from './admission.ts'
import { recordEnd } from './endings.ts'
import { type Head, openRun } from './starting.ts'
import type { Turn } from './turn.ts'

/**
 * Makes the run that somebody, or the end of another run, asked for: it waits in the queue, however short, until a worker
 * places it, or is recorded as skipped or failed at once. Under `whenFull: fail` it waits to be looked at by a worker too.
 */
export function openRequested(turn: Turn, job: Job, head: Head): void {
  const admission = admit(turn, job, { id: head.id, cause: head.cause }, undefined)
  if (admission.verdict === 'skip')
    recordEnd(turn, job, openRun(turn, job, head), { state: 'skipped', reason: admission.reason })
  else if (admission.verdict === 'fail' && (admission.reason === 'no-executor' || roomInQueue(turn, job)))
    recordEnd(turn, job, openRun(turn, job, head), { state: 'failed', error: fullError(job, admission.reason) })
  else openRun(turn, job, head, 'queue')
}
