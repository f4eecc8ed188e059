import type { Job } from '../jobs/job.ts'
import { endRun } from './endings.ts'
import type { Turn } from './turn.ts'

/** Ends every open run of a job as cancelled. */
export function cancelOpenRuns(turn: Turn, job: Job): void {
  for (const id of [...job.openRuns]) {
    const run = turn.state.runs.get(id)
    if (run)
      endRun(turn, run, {
        state: 'cancelled',
        error: { code: 'cancelled', message: `Job ${job.name} gave way to a newer run or was deleted.` },
      })
  }
}
