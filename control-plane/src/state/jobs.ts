import type { Job, JobState, SkippedFires } from '../jobs/job.ts'
import type { NextFire } from '../jobs/schedule.ts'
import { changes } from '../jobs/diff.ts'
import { scheduledRunId } from '../runs/ids.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf, FireCount } from './commands.ts'
import { alertOfJob } from './alert-outcomes.ts'
import { forgetAlertsOf, forgetMoved } from './alert-subjects.ts'
import { cancelOpenRuns } from './cancelling.ts'
import { forgetBackfills } from './backfills.ts'
import { forgetDefinitions, recordDefinition } from './definitions.ts'
import { callsOwnUrl } from './executors.ts'
import { childFaults, linkChildren, parentsOf, unlinkChildren } from './families.ts'
import { noteJobName } from './job-order.ts'
import { freshUid } from './job-uids.ts'
import { moveParts } from './moved-parts.ts'
import { rememberJob } from './former-jobs.ts'
import type { State } from './state.ts'
import { findService } from './services.ts'
import { closeStretch, skipFires } from './stretches.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

export function findJob(state: State, namespace: number, name: string): Job | undefined {
  const uid = state.jobNames.get(`${namespace}/${name}`)
  return uid === undefined ? undefined : state.jobs.get(uid)
}

/** Creates a job or replaces its definition. An edit never makes a misfire. */
export function putJob(turn: Turn, command: CommandOf<'job-put'>): Answer {
  const { state } = turn
  if (!state.namespaces.has(command.namespace)) return refuse('namespace-not-found', 'the namespace has gone')
  const old = findJob(state, command.namespace, command.name)
  const fault = versionFault(old, command.ifVersion, `job ${command.name}`)
  if (fault) return fault
  const { service } = command.spec.target
  if (service !== undefined && !findService(state, command.namespace, service)) {
    return refuse('unknown-service', `job ${command.name} names service ${service}, which does not exist`)
  }
  const [wrong] = childFaults(state, command.namespace, command.name, command.spec.children)
  if (wrong) return refuse('invalid-job', `the children of job ${command.name}: ${wrong.detail}`)
  const job = placeJob(turn, command)
  return { uid: job.uid, version: job.version }
}

/** Writes a definition that was found to be good; `revision` of the code that brought it. */
export function placeJob(turn: Turn, command: CommandOf<'job-put'>, revision?: string): Job {
  const { state } = turn
  const old = findJob(state, command.namespace, command.name)
  const from = Math.min(command.from ?? turn.at, turn.at)
  const job = old ?? newJob(turn, command, from)
  const isNew = !old || changes(old.spec, command.spec).length > 0
  if (old) endSchedules(turn, old, command, from)
  if (old) unlinkChildren(state, old)
  const hasMoved = job.spec.target.service !== command.spec.target.service
  const hasOwnUrl = callsOwnUrl(command)
  const isElsewhere = callsOwnUrl(job) !== hasOwnUrl || (hasMoved && !hasOwnUrl)
  if (hasMoved) forgetMoved(turn, job)
  job.spec = command.spec
  if (isElsewhere) moveParts(turn, job)
  linkChildren(state, job)
  job.schedules = command.schedules
  job.version += 1
  job.updatedBy = command.by
  job.updatedAt = turn.at
  if (command.keeping) job.keeping = command.keeping
  delete job.fault
  if (job.state !== 'paused') {
    setState(turn, job, command.paused ? 'paused' : 'active')
    if (command.paused) job.pausedBy = command.by
  }
  if (isNew) recordDefinition(turn, job, revision)
  startFrom(turn, job, command.next, from)
  jobChanged(turn, job)
  return job
}

/** Its beginning is the instant at which its first fire was computed: a fixed rate counts from there. */
function newJob(turn: Turn, command: CommandOf<'job-put'>, from: Millis): Job {
  const job: Job = {
    uid: freshUid(turn),
    namespace: command.namespace,
    name: command.name,
    version: 0,
    definitions: 0,
    state: 'active',
    stateEntry: turn.index,
    spec: command.spec,
    schedules: command.schedules,
    spread: command.spread,
    since: from,
    sinceEntry: turn.index,
    createdBy: command.by,
    updatedBy: command.by,
    createdAt: from,
    updatedAt: turn.at,
    progress: { decidedUpTo: from, fireCount: 0, startedRuns: 0, failuresInARow: 0 },
    openRuns: [],
  }
  turn.state.jobs.set(job.uid, job)
  turn.state.jobNames.set(`${job.namespace}/${job.name}`, job.uid)
  noteJobName(turn.state, job, true)
  return job
}

/**
 * What the replaced schedules leave behind: fires that fell due while the job was out of service, and fires that wait
 * out their jitter (nominal time past, due time not). The last of these stays the next one, the others go into it.
 */
function endSchedules(turn: Turn, job: Job, command: CommandOf<'job-put'>, from: Millis): void {
  const { fires } = command
  if (job.state === 'paused' || job.state === 'quarantined') {
    if (fires) recordUnserved(turn, job, fires)
    return
  }
  const waiting = command.waiting ?? job.progress.nextFire
  if (job.state !== 'active' || !waiting || !isWaiting(job, waiting, from)) return
  if (fires && fires.from > job.progress.decidedUpTo && fires.to < waiting.fireTime) {
    skipCounted(turn, job, { reason: 'coalesced', ...fires, into: scheduledRunId(job.uid, waiting.fireTime) })
  }
  job.progress.nextFire = waiting
  if (command.paused) setAside(turn, job, 'paused', from)
}

/** The schedules count from an instant on. A fire of earlier ones that waits out its jitter stays the next one. */
function startFrom(turn: Turn, job: Job, next: NextFire | undefined, from: Millis): void {
  const { progress } = job
  const pending = progress.nextFire
  job.since = from
  job.sinceEntry = turn.index
  if (job.state === 'active' && pending && isWaiting(job, pending, from)) return
  progress.decidedUpTo = Math.max(progress.decidedUpTo, from)
  if (next && job.state === 'active') progress.nextFire = next
  else delete progress.nextFire
}

function isWaiting(job: Job, fire: NextFire, at: Millis): boolean {
  return fire.fireTime > job.progress.decidedUpTo && fire.fireTime <= at
}

/** Records the next fire as skipped when it belongs to schedules before `since`: nobody could derive it any more. */
function setAside(turn: Turn, job: Job, reason: 'paused' | 'quarantined', since: Millis): void {
  const { nextFire } = job.progress
  if (!nextFire || !isWaiting(job, nextFire, since)) return
  skipCounted(turn, job, { reason, from: nextFire.fireTime, to: nextFire.fireTime, count: 1 })
}

function skipCounted(turn: Turn, job: Job, stretch: SkippedFires): void {
  skipFires(turn, job, stretch)
  job.progress.decidedUpTo = stretch.to
  job.progress.lastFire = stretch.to
  job.progress.fireCount += stretch.count
}

/** Jobs that a refusal names. */
const NAMED_MAX = 5

export function deleteJob(turn: Turn, command: CommandOf<'job-delete'>): Answer {
  const { state } = turn
  const job = state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const fault = versionFault(job, command.ifVersion, `job ${job.name}`)
  if (fault) return fault
  if (!command.force && (job.state === 'active' || job.openRuns.length > 0)) {
    return refuse(
      'job-not-paused',
      `job ${job.name} is ${job.state} with ${job.openRuns.length} open runs: pause it first, or force`,
    )
  }
  if (!command.force) {
    const parents = parentsOf(state, job.namespace, job.name)
    if (parents.length > 0)
      return refuse(
        'in-use',
        `job ${job.name} is a child of ${parents.slice(0, NAMED_MAX).join(', ')}: force to delete it`,
      )
  }
  cancelOpenRuns(turn, job)
  closeStretch(turn, job)
  forgetBackfills(turn, job)
  unlinkChildren(state, job)
  forgetDefinitions(turn, job)
  rememberJob(turn, job)
  state.jobs.delete(job.uid)
  state.jobNames.delete(`${job.namespace}/${job.name}`)
  noteJobName(state, job, false)
  state.counters.delete(job.uid)
  forgetAlertsOf(turn, job)
  turn.changes.push({ kind: 'job', id: job.uid }, { kind: 'progress', id: job.uid })
  turn.events.push({ type: 'job-deleted', job: job.uid, namespace: job.namespace, name: job.name })
  return { uid: job.uid }
}

/** Stops a job's schedules; what is queued or running goes on. */
export function pauseJob(turn: Turn, command: CommandOf<'job-pause'>): Answer {
  const job = turn.state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const fault = versionFault(job, command.ifVersion, `job ${job.name}`)
  if (fault) return fault
  if (job.state === 'paused') return { version: job.version }
  pauseNow(turn, job, command.by)
  return { version: job.version }
}

/** Pauses an active job; `why` when nobody asked for it. */
export function pauseNow(turn: Turn, job: Job, by: string, why?: string): void {
  setAside(turn, job, 'paused', job.since)
  setState(turn, job, 'paused')
  job.pausedBy = by
  if (why !== undefined) job.pausedWhy = why
  delete job.progress.nextFire
  touched(turn, job, why === undefined ? by : job.updatedBy)
}

/** Lets a paused, ended or quarantined job's schedules go on from now; what fell due meanwhile is recorded as paused. */
export function resumeJob(turn: Turn, command: CommandOf<'job-resume'>): Answer {
  const job = turn.state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const fault = versionFault(job, command.ifVersion, `job ${job.name}`)
  if (fault) return fault
  if (job.state === 'active') return { version: job.version }
  if (command.fires) recordUnserved(turn, job, command.fires)
  setState(turn, job, 'active')
  delete job.fault
  delete job.pausedBy
  delete job.pausedWhy
  job.progress.failuresInARow = 0
  startFrom(turn, job, command.next, Math.min(command.from ?? turn.at, turn.at))
  touched(turn, job, command.by)
  return { version: job.version }
}

/** Fires that fell due while the job was paused or quarantined. */
function recordUnserved(turn: Turn, job: Job, fires: FireCount): void {
  if (fires.count === 0 || fires.from <= job.progress.decidedUpTo) return
  skipCounted(turn, job, { reason: job.state === 'quarantined' ? 'quarantined' : 'paused', ...fires })
}

/** Takes a job whose schedules cannot be evaluated out of service, so that everything else runs. */
export function quarantineJob(turn: Turn, command: CommandOf<'job-quarantine'>): Answer {
  const job = turn.state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  if (job.version !== command.version) return refuse('version-mismatch', `job ${job.name} has been changed since`)
  setAside(turn, job, 'quarantined', job.since)
  setState(turn, job, 'quarantined')
  job.fault = command.fault
  delete job.progress.nextFire
  touched(turn, job, job.updatedBy)
  return { version: job.version }
}

function setState(turn: Turn, job: Job, state: JobState): void {
  if (job.state !== state) job.stateEntry = turn.index
  job.state = state
}

function touched(turn: Turn, job: Job, by: string): void {
  job.version += 1
  job.updatedBy = by
  job.updatedAt = turn.at
  jobChanged(turn, job)
}

function jobChanged(turn: Turn, job: Job): void {
  turn.changes.push({ kind: 'job', id: job.uid }, { kind: 'progress', id: job.uid })
  turn.events.push({ type: 'job-changed', job: job.uid })
  alertOfJob(turn, job)
}
