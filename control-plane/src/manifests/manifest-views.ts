import type { Fire, ManifestReport, PlannedJob, ServiceManifest as ManifestView } from '@cronclave/openapi'
import { fireView, isBusy } from '../api/job-view.ts'
import { timeText } from '../api/times.ts'
import type { Executor, Service } from '../discovery/executor.ts'
import type { ManifestName, SeenManifest } from '../discovery/manifest.ts'
import type { Job } from '../jobs/job.ts'
import { previewFires } from '../jobs/schedule.ts'
import { originOf } from '../jobs/upcoming.ts'
import { present } from '../runtime/present.ts'
import { keptJobs } from '../state/manifests.ts'
import type { State } from '../state/state.ts'
import { codeStatus, handlerName } from './managed-by.ts'
import type { JobStep } from './plan-manifest.ts'
import type { Reconciled } from './reconcile.ts'

/** Fires of a job that a dry run compares, and changes of one that a report shows. */
const FIRES = 5
const CHANGES_MAX = 200

/** What is known of the program of a service, as the API shows it. */
export function manifestView(state: State, service: Service): ManifestView {
  const known = state.manifests.get(service.uid)
  const current = known?.current
  return {
    namespace: state.namespaces.get(service.namespace)?.name ?? '',
    service: service.name,
    ...(current && { ...nameView(current), at: timeText(current.at), by: current.by }),
    handlers: current?.handlers ?? [],
    jobs: keptJobs(state, service.uid).map((job) => {
      return { name: job.name, ...present({ handler: handlerName(job) }), status: codeStatus(state, job) }
    }),
    seen: (known?.seen ?? []).map((one) => {
      return { ...nameView(one), outcome: one.outcome, at: timeText(one.at), ...present({ errors: one.faults }) }
    }),
  }
}

/** What became of the manifest of an executor; undefined when it told of none. */
export function verdictOn(state: State, { service, manifest }: Executor) {
  if (manifest?.hash === undefined) return undefined
  const known = state.manifests.get(service)
  const seen = known?.seen.find(({ hash }) => hash === manifest.hash)
  if (!seen) return { status: 'unknown' as const }
  return { status: statusOf(seen, known?.current?.hash), ...present({ errors: seen.faults }) }
}

function statusOf({ outcome, hash }: SeenManifest, current: string | undefined) {
  if (hash === current) return 'current' as const
  if (outcome === 'refused') return 'manifest-refused' as const
  return outcome === 'older' ? ('older' as const) : ('superseded' as const)
}

/** What was done with a manifest, or would be. */
export function reportView(state: State, done: Extract<Reconciled, { plan: unknown }>): ManifestReport {
  const { outcome, plan, read, before } = done
  const { hash, revision } = read.manifest
  const isDry = outcome === 'planned'
  return {
    outcome,
    hash,
    ...present({ revision, before }),
    jobs: plan.steps.map((step) => stepView(state, step, isDry)),
  }
}

function stepView(state: State, step: JobStep, isDry: boolean): PlannedJob {
  const { name, handler, action, changes } = step
  const fires = isDry ? firesOf(state, step) : undefined
  return { name, action, ...present({ handler, changes: changes?.slice(0, CHANGES_MAX), fires }) }
}

/** The next fires as they are and as they would be; undefined when they stay. */
function firesOf(state: State, { before, put }: JobStep): PlannedJob['fires'] {
  if (!put) return undefined
  const { at, schedules, spec, spread } = put
  const was = before?.state === 'active' ? preview(before, originOf(before, at, isBusy(state, before))) : []
  const origin = before ? originOf(before, at, isBusy(state, before)) : { spread, fireCount: 0, createdAt: at }
  const isActive = before === undefined || before.state === 'active'
  const will = isActive ? preview({ schedules, spec }, { ...origin, after: at }) : []
  const times = (fires: readonly Fire[]) => fires.map(({ fireTime }) => fireTime).join()
  return times(was) === times(will) ? undefined : { before: was, after: will }
}

function preview(job: Pick<Job, 'schedules' | 'spec'>, origin: Parameters<typeof previewFires>[1]): Fire[] {
  return previewFires(job.schedules, origin, FIRES).map((fire) => fireView(fire, job.spec.schedules))
}

function nameView({ hash, revision, order }: ManifestName) {
  return { hash, ...present({ revision, revisionOrder: order }) }
}
