import type { Job, OpenStretch, SkippedFires } from '../jobs/job.ts'
import { stretchId } from '../runs/ids.ts'
import { alertOfSkip } from './alert-outcomes.ts'
import { countersOf } from './endings.ts'
import { countStretch } from './ledger-count.ts'
import { makeNotice, wantsNotice } from './notices.ts'
import { nextSequence, type Turn } from './turn.ts'

/** A stretch becomes a ledger row when it covers this many fires … */
export const STRETCH_FIRES_MAX = 3600
/** … or this much time. */
export const STRETCH_MS_MAX = 3_600_000

/** Adds consecutive skipped fires to the job's open stretch, closing rows as they fill or the reason changes. */
export function skipFires(turn: Turn, job: Job, skipped: SkippedFires): void {
  const open = job.progress.stretch
  if (open && open.reason === skipped.reason && open.into === skipped.into) {
    open.to = skipped.to
    open.count += skipped.count
    open.entries[1] = turn.index
  } else {
    closeStretch(turn, job)
    job.progress.stretch = { ...skipped, entries: [turn.index, turn.index] }
    tellOf(turn, job, job.progress.stretch, 'began')
  }
  countersOf(turn, job.uid).skippedFires += skipped.count
  countersOf(turn, job.namespace).skippedFires += skipped.count
  const { reason, count } = skipped
  turn.events.push({ type: 'fires-skipped', job: job.uid, namespace: job.namespace, reason, count })
  alertOfSkip(turn, job, skipped.reason, skipped.count)
  const now = job.progress.stretch
  if (now && (now.count >= STRETCH_FIRES_MAX || now.to - now.from >= STRETCH_MS_MAX)) closeStretch(turn, job)
}

/** The service is told of the first fire of a stretch, and of all of them once it is over: never of each. */
function tellOf(turn: Turn, job: Job, stretch: OpenStretch, moment: 'began' | 'ended'): void {
  const { reason, from, to, count } = stretch
  if (!wantsNotice(job, reason)) return
  stretch.told = count
  makeNotice(turn, job, { reason, from, to, count, stretch: moment })
}

/** Turns the open stretch into its ledger row, if there is one. */
export function closeStretch(turn: Turn, job: Job): void {
  const open = job.progress.stretch
  if (!open) return
  delete job.progress.stretch
  // What was told when it began was all of it.
  if (open.told !== undefined && open.told < open.count) tellOf(turn, job, open, 'ended')
  const { told: _told, ...row } = open
  countStretch(job.progress)
  turn.changes.push({
    kind: 'stretch',
    row: {
      id: stretchId(job.uid, open.from, open.reason),
      job: job.uid,
      namespace: job.namespace,
      ...row,
      sequence: nextSequence(turn),
    },
  })
}
