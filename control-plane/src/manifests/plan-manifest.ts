import { setImmediate as breathe } from 'node:timers/promises'
import { drawSpread, planJob } from '../api/job-plan.ts'
import { unservedFires } from '../api/job-resume.ts'
import type { Service } from '../discovery/executor.ts'
import { describeJob } from '../jobs/definition.ts'
import { type Change, changes } from '../jobs/diff.ts'
import type { Job, JobSpec } from '../jobs/job.ts'
import { type Fault, Problem } from '../problems.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { JobPut } from '../state/commands.ts'
import { parentsOf } from '../state/families.ts'
import { findJob } from '../state/jobs.ts'
import { familyFaults, KEPT_MAX, keptJobs } from '../state/manifests.ts'
import type { State } from '../state/state.ts'
import { keptParamsFaults } from './kept-params.ts'
import { codeStatus } from './managed-by.ts'
import { withPeoples } from './owned-fields.ts'
import type { CodeJob, ReadManifest } from './read-manifest.ts'

/** Jobs that are worked out before others get a turn. */
const STEPS_AT_ONCE = 5

/** What the manifest does to one job. */
export interface JobStep {
  name: string
  handler?: string
  action: 'create' | 'update' | 'adopt' | 'none' | 'detached' | 'absent' | 'pause' | 'delete'
  changes?: Change[]
  /** As it is and as it would be, of those that are made or changed. */
  before?: Job
  put?: JobPut & { at: Millis }
}

/** What it takes to bring the jobs of a service to what its code says, or why that is not done. */
export interface ManifestPlan {
  steps: JobStep[]
  prune: { job: number; version: number }[]
  faults: Fault[]
}

export interface PlanOptions {
  at: Millis
  by: string
  /** Takes jobs back that were detached. */
  adopt: boolean
  /** Deletes the jobs that the code names no more. */
  prune: boolean
  /** It comes with a credential of the service alone: it may start nothing but its own. */
  isService: boolean
}

/** Compares the jobs in a manifest with those that there are, as the state is now. */
export async function planManifest(
  state: State,
  service: Service,
  read: ReadManifest,
  random: Random,
  options: PlanOptions,
): Promise<ManifestPlan> {
  const { jobs } = read
  const faults = await keptParamsFaults(read)
  const steps: JobStep[] = []
  for (const job of jobs) {
    steps.push(await stepOf(state, service, job, random, options, faults))
    if (steps.length % STEPS_AT_ONCE === 0) await breathe()
  }
  noteFamilies(state, service, jobs, steps, options, faults)
  const named = new Set(jobs.map(({ name }) => name))
  const absent = keptJobs(state, service.uid).filter(({ name, keeping }) => !named.has(name) && !keeping?.detached)
  const prune = options.prune ? addGoing(state, absent, steps) : []
  if (!options.prune) for (const { name } of absent) steps.push({ name, action: 'absent' })
  noteTooMany(keptJobs(state, service.uid), steps, faults)
  return { steps, prune, faults }
}

/** What is deleted, or paused while something still needs it, those that start others first. */
function addGoing(state: State, absent: readonly Job[], steps: JobStep[]): ManifestPlan['prune'] {
  const changed = new Map(steps.flatMap(({ name, put }) => (put ? [[name, put.spec.children] as const] : [])))
  const parentsIn = ({ namespace, name }: Job): string[] =>
    parentsOf(state, namespace, name).filter((parent) => changed.get(parent)?.some(({ job }) => job === name) ?? true)
  const staying = new Set<string>()
  const going = parentsFirst(absent, parentsIn)
  const names = new Set(going.map(({ name }) => name))
  const prune: ManifestPlan['prune'] = []
  for (const job of going) {
    const isNeeded = parentsIn(job).some((parent) => !names.has(parent) || staying.has(parent))
    const isNamedAnew = [...changed.values()].some((children) => children.some((child) => child.job === job.name))
    if (job.openRuns.length > 0 || isNeeded || isNamedAnew) staying.add(job.name)
    const isDone = staying.has(job.name) && job.state === 'paused'
    if (!isDone) prune.push({ job: job.uid, version: job.version })
    steps.push({ name: job.name, action: isDone ? 'absent' : staying.has(job.name) ? 'pause' : 'delete' })
  }
  return prune
}

function parentsFirst(jobs: readonly Job[], parentsIn: (job: Job) => string[]): Job[] {
  const ordered = new Set<Job>()
  const byName = new Map(jobs.map((job) => [job.name, job]))
  const enter = (job: Job): void => {
    if (ordered.has(job)) return
    for (const parent of parentsIn(job)) {
      const other = byName.get(parent)
      if (other) enter(other)
    }
    ordered.add(job)
  }
  for (const job of jobs) enter(job)
  return [...ordered]
}

function noteTooMany(kept: readonly Job[], steps: readonly JobStep[], faults: Fault[]): void {
  const names = new Set(kept.map(({ name }) => name))
  for (const { name, action } of steps) {
    if (action === 'delete') names.delete(name)
    else if (action === 'create' || action === 'adopt') names.add(name)
  }
  if (names.size <= KEPT_MAX) return
  const detail = `the service would keep ${names.size} jobs, those that it names no more among them, and may keep ${KEPT_MAX}: prune some`
  faults.push({ pointer: '/handlers', detail })
}

async function stepOf(
  state: State,
  service: Service,
  job: CodeJob,
  random: Random,
  options: PlanOptions,
  faults: Fault[],
): Promise<JobStep> {
  const { name, handler, spec: code } = job
  const old = findJob(state, service.namespace, name)
  const about = { name, handler }
  const taken = old && takenBy(state, old, service, handler, options)
  if (taken !== undefined) faults.push({ pointer: `${job.pointer}/name`, detail: taken })
  if (taken !== undefined || (isDetached(old, service) && !options.adopt)) return { ...about, action: 'detached' }
  const spec = old ? withPeoples(code, old.spec) : code
  const different = old ? changes(describeJob(old.spec), describeJob(spec)) : []
  const isKept = old?.keeping?.service === service.uid && !old.keeping.detached
  if (isKept && different.length === 0) return { ...about, action: 'none' }
  const put = await putOf(state, service, { job, old, spec }, random, options, faults)
  if (!old) return { ...about, action: 'create', ...(put && { put }) }
  return { ...about, action: isKept ? 'update' : 'adopt', changes: different, before: old, ...(put && { put }) }
}

/** Why a job that there is already is not taken over. */
function takenBy(
  state: State,
  old: Job,
  service: Service,
  handler: string,
  { adopt }: PlanOptions,
): string | undefined {
  const { keeping, name, spec } = old
  if (keeping?.service === service.uid) return undefined
  const keeper = keeping && state.services.get(keeping.service)
  if (keeper) {
    if (codeStatus(state, old) === 'in-code') return `job ${name} is kept by the code of service ${keeper.name}`
    if (adopt) return undefined
    return `job ${name} was kept by the code of service ${keeper.name}: \`cronclave apply --adopt\` moves it here`
  }
  const { target } = spec
  if (target.kind === 'handler' && target.service === service.name && target.handler === handler) return undefined
  return `there is a job ${name} already, which calls something else: give this one another name`
}

/** Whether a person took a job out of the hands of the code of a service. */
function isDetached(job: Job | undefined, { uid }: Service): boolean {
  return job?.keeping?.service === uid && job.keeping.detached === true
}

async function putOf(
  state: State,
  service: Service,
  { job, old, spec }: { job: CodeJob; old: Job | undefined; spec: JobSpec },
  random: Random,
  { at, by }: PlanOptions,
  faults: Fault[],
): Promise<(JobPut & { at: Millis }) | undefined> {
  try {
    const plan = planJob(state, spec, old, at, drawSpread(random))
    const fires = await unservedFires(old, at)
    return {
      kind: 'job-put',
      at,
      namespace: service.namespace,
      name: job.name,
      spec,
      ...plan,
      by,
      keeping: { service: service.uid },
      ifVersion: old?.version ?? 'new',
      ...(fires ? { fires } : {}),
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    for (const { pointer, detail } of error.errors) faults.push({ pointer: job.pointer + pointer, detail })
    return undefined
  }
}

function noteFamilies(
  state: State,
  service: Service,
  jobs: readonly CodeJob[],
  steps: readonly JobStep[],
  { isService }: PlanOptions,
  faults: Fault[],
): void {
  const puts = steps.flatMap(({ name, put }) => (put ? [{ name, children: put.spec.children }] : []))
  const pointers = new Map(jobs.map(({ name, pointer }) => [name, pointer]))
  for (const { name, child, detail } of familyFaults(state, service.namespace, puts)) {
    const place = child === undefined ? '' : `/${child}`
    faults.push({ pointer: `${pointers.get(name) ?? ''}/children${place}`, detail })
  }
  if (!isService) return
  for (const { name, pointer, spec } of jobs) {
    for (const [place, { job }] of spec.children.entries()) {
      const child = findJob(state, service.namespace, job)
      // One that was detached calls what a person says, whether the code names it or not.
      if (job === name || !child || (pointers.has(job) && !isDetached(child, service))) continue
      if (child.spec.target.service === service.name) continue
      const detail = `job ${job} is none of this service: what an executor says starts nothing else; \`cronclave apply\` may`
      faults.push({ pointer: `${pointer}/children/${place}`, detail })
    }
  }
}
