import type { Job, OpenStretch } from '../jobs/job.ts'
import { stretchId } from '../runs/ids.ts'
import { countersOf } from './endings.ts'
import { countStretch } from './ledger-count.ts'
import { nextSequence, type Turn } from './turn.ts'

/** A stretch becomes a ledger row when it covers this many fires … */
export const STRETCH_FIRES_MAX = 3600
/** … or this much time. */
export const STRETCH_MS_MAX = 3_600_000

/** Adds consecutive skipped fires to the job's open stretch, closing rows as they fill or the reason changes. */
export function skipFires(turn: Turn, job: Job, skipped: OpenStretch): void {
  const open = job.progress.stretch
  if (open && open.reason === skipped.reason && open.into === skipped.into) {
    open.to = skipped.to
    open.count += skipped.count
  } else {
    closeStretch(turn, job)
    job.progress.stretch = { ...skipped }
  }
  countersOf(turn, job.uid).skippedFires += skipped.count
  countersOf(turn, job.namespace).skippedFires += skipped.count
  const now = job.progress.stretch
  if (now && (now.count >= STRETCH_FIRES_MAX || now.to - now.from >= STRETCH_MS_MAX)) closeStretch(turn, job)
}

/** Turns the open stretch into its ledger row, if there is one. */
export function closeStretch(turn: Turn, job: Job): void {
  const open = job.progress.stretch
  if (!open) return
  delete job.progress.stretch
  countStretch(job.progress)
  turn.changes.push({
    kind: 'stretch',
    row: {
      id: stretchId(job.uid, open.from, open.reason),
      job: job.uid,
      namespace: job.namespace,
      ...open,
      sequence: nextSequence(turn),
    },
  })
}
