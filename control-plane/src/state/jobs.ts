import type { Job } from '../jobs/job.ts'
import type { CommandOf, FireCount } from './commands.ts'
import { cancelOpenRuns } from './cancelling.ts'
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
  const job = old ?? newJob(turn, command)
  job.spec = command.spec
  job.schedules = command.schedules
  job.version += 1
  job.updatedBy = command.by
  job.updatedAt = turn.at
  delete job.fault
  if (job.state !== 'paused') job.state = command.paused ? 'paused' : 'active'
  startFrom(turn, job, command.next)
  jobChanged(turn, job)
  return { uid: job.uid, version: job.version }
}

function newJob(turn: Turn, command: CommandOf<'job-put'>): Job {
  const job: Job = {
    uid: turn.index,
    namespace: command.namespace,
    name: command.name,
    version: 0,
    state: 'active',
    spec: command.spec,
    schedules: command.schedules,
    spread: command.spread,
    since: turn.at,
    createdBy: command.by,
    updatedBy: command.by,
    createdAt: turn.at,
    updatedAt: turn.at,
    progress: { decidedUpTo: turn.at, fireCount: 0, startedRuns: 0, failuresInARow: 0 },
    openRuns: [],
  }
  turn.state.jobs.set(job.uid, job)
  turn.state.jobNames.set(`${job.namespace}/${job.name}`, job.uid)
  return job
}

/**
 * Moves the schedules' beginning to now. A fire that is waiting out its jitter (nominal time past, due time not)
 * stays the next one: it belongs to the time before the change.
 */
function startFrom(turn: Turn, job: Job, next: Job['progress']['nextFire']): void {
  const { progress } = job
  const pending = progress.nextFire
  job.since = turn.at
  if (job.state === 'active' && pending && pending.fireTime > progress.decidedUpTo && pending.fireTime <= turn.at)
    return
  progress.decidedUpTo = Math.max(progress.decidedUpTo, turn.at)
  if (next && job.state === 'active') progress.nextFire = next
  else delete progress.nextFire
}

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
  cancelOpenRuns(turn, job)
  closeStretch(turn, job)
  state.jobs.delete(job.uid)
  state.jobNames.delete(`${job.namespace}/${job.name}`)
  state.counters.delete(job.uid)
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
  job.state = 'paused'
  delete job.progress.nextFire
  touched(turn, job, command.by)
  return { version: job.version }
}

/** Lets a paused, ended or quarantined job's schedules go on from now; what fell due meanwhile is recorded as paused. */
export function resumeJob(turn: Turn, command: CommandOf<'job-resume'>): Answer {
  const job = turn.state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  const fault = versionFault(job, command.ifVersion, `job ${job.name}`)
  if (fault) return fault
  if (job.state === 'active') return { version: job.version }
  if (command.fires) recordPaused(turn, job, command.fires)
  job.state = 'active'
  delete job.fault
  startFrom(turn, job, command.next)
  touched(turn, job, command.by)
  return { version: job.version }
}

function recordPaused(turn: Turn, job: Job, fires: FireCount): void {
  if (fires.count === 0 || fires.from <= job.progress.decidedUpTo) return
  skipFires(turn, job, { reason: job.state === 'quarantined' ? 'quarantined' : 'paused', ...fires })
  job.progress.fireCount += fires.count
}

/** Takes a job whose schedules cannot be evaluated out of service, so that everything else runs. */
export function quarantineJob(turn: Turn, command: CommandOf<'job-quarantine'>): Answer {
  const job = turn.state.jobs.get(command.job)
  if (!job) return refuse('job-not-found', 'the job has gone')
  if (job.version !== command.version) return refuse('version-mismatch', `job ${job.name} has been changed since`)
  job.state = 'quarantined'
  job.fault = command.fault
  delete job.progress.nextFire
  touched(turn, job, job.updatedBy)
  return { version: job.version }
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
}
