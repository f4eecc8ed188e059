import type { ChildMoment, ChildSpec } from '../jobs/job.ts'
import { childRunId } from '../runs/ids.ts'
import type { EndedRun, EndedRunState } from '../runs/run.ts'
import { noteBackfilled } from './backfills.ts'
import { recordEnd } from './endings.ts'
import { findJob } from './jobs.ts'
import { openRequested } from './requested.ts'
import { isPaused } from './pauses.ts'
import { openRun } from './starting.ts'
import type { Turn } from './turn.ts'

/**
 * What the runs that one entry has ended lead to: their children, and the next runs of their backfills. In the same entry,
 * so that no crash can lose them. A child that ends at once is followed up as well; chains are finite, so this ends.
 */
export function followUp(turn: Turn): void {
  // Grows while it is gone through.
  for (const row of turn.ended) {
    if (row.backfill !== undefined) noteBackfilled(turn, row)
    const moments = MOMENTS[row.state]
    const children = turn.state.jobs.get(row.job)?.spec.children ?? []
    for (const child of children) if (moments.includes(child.on)) startChild(turn, row, child)
  }
}

/** Which children start when a run has ended like that. One that was stopped, or never ran, starts none. */
const MOMENTS: Record<EndedRunState, readonly ChildMoment[]> = {
  succeeded: ['success', 'completion'],
  failed: ['failure', 'completion'],
  'timed-out': ['failure', 'completion'],
  lost: ['failure', 'completion'],
  cancelled: [],
  skipped: [],
}

function startChild(turn: Turn, parent: EndedRun, child: ChildSpec): void {
  const job = findJob(turn.state, parent.namespace, child.job)
  if (!job) {
    turn.events.push({ type: 'child-missing', run: parent.id, job: parent.job, child: child.job })
    return
  }
  const id = childRunId(parent.id, job.uid, child.on)
  if (turn.state.runs.has(id)) return
  const head = {
    id,
    cause: 'child' as const,
    fireTime: turn.at,
    dueTime: turn.at,
    schedules: [],
    params: job.spec.params,
    parent: { run: parent.id, moment: child.on },
    ...(parent.trace === undefined ? {} : { trace: parent.trace }),
  }
  const reason = job.state === 'quarantined' ? job.state : isPaused(turn.state, job) ? 'paused' : undefined
  if (reason !== undefined) recordEnd(turn, job, openRun(turn, job, head), { state: 'skipped', reason })
  else openRequested(turn, job, head)
}
