import type { Millis } from '../runtime/clock.ts'
import type { NotifyReason } from '../jobs/job.ts'
import type { SkipReason } from './run.ts'

/** What a service is told although nothing runs: that fires, or a run, did not start. Sent by the leader, in no slot. */
export interface Notice {
  /** Replicated serial number: grows with every notice. */
  id: number
  job: number
  jobName: string
  namespace: number
  /** Name of the service that is told. */
  service: string
  reason: SkipReason
  /** The run that did not start; absent for fires that a stretch covers. */
  run?: string
  /** Nominal instants of the first and the last fire that it speaks of. */
  from: Millis
  to: Millis
  count: number
  /** Of a stretch: that it began, or that it is over and how many fires it has covered. */
  stretch?: 'began' | 'ended'
  at: Millis
  state: 'open' | 'delivered' | 'failed'
  /** Times that it was sent. */
  attempts: number
  /** When it is sent again; absent once it has ended. */
  nextAt?: Millis
  endedAt?: Millis
  /** Why it was not taken the last time. */
  error?: string
}

/** Which of the words in `notify` asks for a reason. */
export function notifyReasonOf(reason: SkipReason): NotifyReason {
  if (reason === 'no-slot' || reason === 'no-executor') return 'no-slot'
  return reason === 'expired' ? 'expired' : 'skipped'
}
