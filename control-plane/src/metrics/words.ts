import type { AlertMessage } from '../alerts/episode.ts'
import type { Executor } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import { type AttemptOutcome, type Cause, ENDED_STATES, type OpenRunState, type SkipReason } from '../runs/run.ts'

/** Every value of the labels that are closed sets: what has not happened yet is shown as 0, so that a first time is seen. */
export { ENDED_STATES }

export const OPEN_STATES = all<OpenRunState>({ queued: 1, running: 1 })

export const CAUSES = all<Cause>({ schedule: 1, misfire: 1, manual: 1, api: 1, child: 1, rerun: 1, backfill: 1 })

export const OUTCOMES = all<AttemptOutcome>({
  succeeded: 1,
  failed: 1,
  skipped: 1,
  cancelled: 1,
  'timed-out': 1,
  refused: 1,
  uncertain: 1,
})

export const SKIP_REASONS = all<SkipReason>({
  'misfire-threshold': 1,
  coalesced: 1,
  overlap: 1,
  'max-concurrent': 1,
  paused: 1,
  'outside-window': 1,
  'dst-gap': 1,
  'no-slot': 1,
  'no-executor': 1,
  expired: 1,
  quarantined: 1,
})

export const JOB_STATES = all<Job['state']>({ active: 1, paused: 1, ended: 1, quarantined: 1 })

export type ExecutorState = Executor['status'] | 'unreachable' | 'unhealthy'
export const EXECUTOR_STATES = all<ExecutorState>({
  online: 1,
  offline: 1,
  draining: 1,
  joining: 1,
  suspect: 1,
  unreachable: 1,
  unhealthy: 1,
})

export const MESSAGE_STATES = all<AlertMessage['state']>({ open: 1, delivered: 1, failed: 1 })

/** Whether an executor gets work, and why not. */
export function executorState({ status, breaker, health }: Executor): ExecutorState {
  if (status !== 'online') return status
  if (breaker) return 'unreachable'
  return health ?? 'online'
}

/** A record has every word of its set, which an array need not. */
function all<Word extends string>(words: Record<Word, 1>): readonly Word[] {
  return Object.keys(words) as Word[]
}
