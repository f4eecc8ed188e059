import type { Fire, Job as JobView, Stretch } from '@cronclave/openapi'
import { describeJob } from '../jobs/definition.ts'
import type { Job, ScheduleSpec, SkippedFires } from '../jobs/job.ts'
import type { NextFire } from '../jobs/schedule.ts'
import { upcomingFire } from '../jobs/upcoming.ts'
import { managedBy } from '../manifests/managed-by.ts'
import type { State } from '../state/state.ts'
import { paramsWarnings } from './params-fit.ts'
import { localText, timeText } from './times.ts'

/** A job as the API shows it: where it stands, and the definition, which can be sent back. */
export function jobView(state: State, job: Job): JobView {
  const { progress, spec } = job
  const next = upcomingFire(job, isBusy(state, job))
  const { lastFire, lastRun, stretch } = progress
  const code = managedBy(state, job)
  return {
    uid: job.uid,
    namespace: state.namespaces.get(job.namespace)?.name ?? '',
    name: job.name,
    version: job.version,
    state: job.state,
    ...(job.fault === undefined ? {} : { fault: job.fault }),
    ...(job.pausedBy === undefined ? {} : { pausedBy: job.pausedBy }),
    ...(job.pausedWhy === undefined ? {} : { pausedWhy: job.pausedWhy }),
    createdBy: job.createdBy,
    updatedBy: job.updatedBy,
    createdAt: timeText(job.createdAt),
    updatedAt: timeText(job.updatedAt),
    fireCount: progress.fireCount,
    failuresInARow: progress.failuresInARow,
    openRuns: job.openRuns.length,
    ...(lastFire === undefined ? {} : { lastFire: timeText(lastFire) }),
    ...(next === undefined ? {} : { nextFire: fireView(next, spec.schedules) }),
    ...(lastRun === undefined ? {} : { lastRun: { ...lastRun, at: timeText(lastRun.at) } }),
    ...(stretch === undefined ? {} : { openStretch: stretchView(stretch) }),
    ...(code === undefined ? {} : { managedBy: code }),
    definition: describeJob(spec, { name: job.name }),
  }
}

/** The same, with what does not fit of it. */
export function jobInFull(state: State, job: Job): JobView {
  const warnings = paramsWarnings(state, job)
  return { ...jobView(state, job), ...(warnings.length === 0 ? {} : { warnings }) }
}

/** Whether a run of a scheduled fire is open: a fixed delay has nothing to count from then. */
export function isBusy(state: State, job: Job): boolean {
  return job.openRuns.some((id) => {
    const cause = state.runs.get(id)?.cause
    return cause === 'schedule' || cause === 'misfire'
  })
}

/** A fire with its wall time in the zone of the first schedule that names it. */
export function fireView(fire: NextFire, schedules: readonly ScheduleSpec[]): Fire {
  const zone = schedules.find(({ id }) => id === fire.schedules[0])?.zone ?? 'UTC'
  return {
    fireTime: timeText(fire.fireTime),
    dueTime: timeText(fire.dueTime),
    local: localText(fire.fireTime, zone),
    schedules: fire.schedules,
    ...(fire.skip === undefined ? {} : { skip: fire.skip }),
    ...(fire.moved === undefined ? {} : { moved: fire.moved }),
  }
}

/** A stretch; the open one has no id. */
export function stretchView(stretch: SkippedFires & { id?: string }): Stretch {
  return {
    ...(stretch.id === undefined ? {} : { id: stretch.id }),
    reason: stretch.reason,
    from: timeText(stretch.from),
    to: timeText(stretch.to),
    count: stretch.count,
    ...(stretch.into === undefined ? {} : { into: stretch.into }),
  }
}
