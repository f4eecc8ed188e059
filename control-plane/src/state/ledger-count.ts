import type { JobProgress, LedgerCount } from '../jobs/job.ts'
import { isFailure } from '../jobs/retention.ts'
import type { EndedRunState } from '../runs/run.ts'

/** Notes that a run of a job went into the ledger. */
export function countRun(progress: JobProgress, state: EndedRunState): void {
  const count = countOf(progress)
  count.runs += 1
  if (isFailure(state)) count.failed += 1
}

/** Notes that a stretch of a job went into the ledger. */
export function countStretch(progress: JobProgress): void {
  countOf(progress).stretches += 1
}

export function countOf(progress: JobProgress): LedgerCount {
  progress.ledger ??= { runs: 0, failed: 0, stretches: 0, trimmed: 0 }
  return progress.ledger
}
