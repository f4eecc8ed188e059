import type { Job } from '@cronclave/openapi'
import { now, useSecond } from '../ui/clock.ts'
import { Ago } from '../ui/time.tsx'

/** When a job is due next, counting down; why it is not, when it is not. */
export function NextFire({ job }: { job: Job }) {
  useSecond()
  const { nextFire, state } = job
  if (state === 'paused') return <span className="dim">Paused</span>
  if (state === 'ended') return <span className="dim">Ended</span>
  if (state === 'quarantined') return <span title={job.fault}>Not while quarantined</span>
  if (nextFire === undefined) return <span className="dim">–</span>
  const zone = job.definition.schedules?.[0]?.zone
  if (Date.parse(nextFire.dueTime) <= now()) return <span>now</span>
  return <Ago at={nextFire.dueTime} zone={zone} />
}
