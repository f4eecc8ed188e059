import type { EgressPolicy } from '../dispatch/egress.ts'
import type { Job, JobSpec } from '../jobs/job.ts'
import { compileSchedule, type CompiledSchedule, type NextFire, nextFire, whyNoFire } from '../jobs/schedule.ts'
import { Problem } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { childFaults } from '../state/families.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import { isBusy } from './job-view.ts'

/** What a job-put carries besides the specification. */
export interface JobPlan {
  schedules: CompiledSchedule[]
  spread: number
  next?: NextFire
}

/** A 32-bit seed for the `H` fields and the jitter of a new job. */
export function drawSpread(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE()
}

/** The compiled schedules of a specification and its next fire, or a Problem: a schedule that never fires is refused. */
export function planJob(state: State, spec: JobSpec, present: Job | undefined, at: Millis, fresh: number): JobPlan {
  const spread = present?.spread ?? fresh
  const schedules = spec.schedules.map((schedule) => compileSchedule(schedule, spread))
  const origin = {
    after: at,
    spread,
    fireCount: present?.progress.fireCount ?? 0,
    createdAt: present?.createdAt ?? at,
    ...(present?.progress.lastEnd === undefined ? {} : { lastEnd: present.progress.lastEnd }),
    ...(present && isBusy(state, present) ? { busy: true } : {}),
  }
  const faults = schedules.flatMap((schedule, position) =>
    schedule.kind === 'cron' && !nextFire([schedule], origin) && whyNoFire([schedule], origin) === 'never'
      ? [{ pointer: `/schedules/${position}/cron`, detail: 'names no time within 28 years' }]
      : [],
  )
  if (faults.length > 0) throw new Problem('invalid-job', undefined, faults)
  const next = nextFire(schedules, origin)
  return { schedules, spread, ...(next ? { next } : {}) }
}

/** Refuses children that do not exist, lead back to the job, or make a chain too long; the entry itself checks again. */
export function checkChildren(state: State, namespace: number, name: string, { children }: JobSpec): void {
  const faults = childFaults(state, namespace, name, children).map(({ child, detail }) => ({
    pointer: child === undefined ? '/children' : `/children/${child}`,
    detail,
  }))
  if (faults.length > 0) throw new Problem('invalid-job', undefined, faults)
}

/** Refuses a target that cannot be called: a service that does not exist, an address that the egress policy refuses. */
export function checkTarget(
  state: State,
  namespace: number,
  spec: JobSpec,
  egress: Pick<EgressPolicy, 'checkUrl'>,
): void {
  const { target } = spec
  if (target.service !== undefined && !findService(state, namespace, target.service)) {
    const fault = { pointer: '/target/service', detail: `there is no service ${target.service} in the namespace` }
    throw new Problem('unknown-service', undefined, [fault])
  }
  const refused = target.kind === 'http' && target.url !== undefined ? egress.checkUrl(target.url) : undefined
  if (refused) throw new Problem('egress-refused', undefined, [{ pointer: '/target/url', detail: refused.detail }])
}
