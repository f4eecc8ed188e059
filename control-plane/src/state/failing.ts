import { pauseNow } from './jobs.ts'
import type { Turn } from './turn.ts'

/** Who pauses a job that goes on failing. */
export const PAUSED_BY_ITSELF = 'cronclave'

/** Pauses the jobs whose runs failed as often in a row as they allow, in the entry that ends the last of these. */
export function pauseFailing(turn: Turn): void {
  for (const uid of turn.failing) {
    const job = turn.state.jobs.get(uid)
    if (job?.state !== 'active') continue
    const { failuresInARow } = job.progress
    const max = job.spec.pauseAfterFailures
    if (max === 0 || failuresInARow < max) continue
    const why = failuresInARow === 1 ? 'its last run failed' : `its last ${failuresInARow} runs failed`
    pauseNow(turn, job, PAUSED_BY_ITSELF, why)
  }
}
