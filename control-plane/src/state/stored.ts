import type { Executor } from '../discovery/executor.ts'
import type { Job, JobProgress, JobSpec } from '../jobs/job.ts'
import type { Backfill } from '../runs/backfill.ts'
import { type Interner, own, ownText } from './interner.ts'
import type { Lease } from './kv-types.ts'
import type { IdempotencyRecord, Namespace, State } from './state.ts'

/** What the store keeps of things that have derived fields, or fields under another key. */
export type StoredNamespace = Omit<Namespace, 'held' | 'queued'>
export type StoredExecutor = Omit<Executor, 'held'>
export type StoredJob = Omit<Job, 'progress' | 'openRuns'>
export type StoredMeta = Pick<
  State,
  | 'now'
  | 'cluster'
  | 'clusterVersion'
  | 'fencingToken'
  | 'ledgerRows'
  | 'ledgerGone'
  | 'noticeSerial'
  | 'alertSerial'
  | 'countedTo'
  | 'digest'
  | 'pause'
>
/** `order` restores the order in which records were made, which is that in which they are forgotten. */
export type StoredIdempotency = IdempotencyRecord & { order: number }

export type StoredBackfill = Omit<Backfill, 'open'>

export function storedBackfill({ open: _open, ...backfill }: Backfill): StoredBackfill {
  return backfill
}

export type StoredLease = Omit<Lease, 'keys' | 'claims'>

export function storedLease({ keys: _keys, claims: _claims, ...lease }: Lease): StoredLease {
  return lease
}

export function storedNamespace({ held: _held, queued: _queued, ...namespace }: Namespace): StoredNamespace {
  return namespace
}

export function storedExecutor({ held: _held, ...executor }: Executor): StoredExecutor {
  return executor
}

export function storedJob({ progress: _progress, openRuns: _openRuns, ...job }: Job): StoredJob {
  return job
}

export function storedMeta({
  now,
  cluster,
  clusterVersion,
  fencingToken,
  ledgerRows,
  ledgerGone,
  noticeSerial,
  alertSerial,
  countedTo,
  digest,
  pause,
}: State): StoredMeta {
  const meta = {
    now,
    cluster,
    clusterVersion,
    fencingToken,
    ledgerRows,
    ledgerGone,
    noticeSerial,
    alertSerial,
    countedTo,
    digest,
  }
  return { ...meta, ...(pause === undefined ? {} : { pause }) }
}

/**
 * A job as memory has it, small: equal parts are shared, and objects with many fields are built as literals, because
 * V8 turns those that msgpack fills field by field into hash tables several times the size.
 */
export function restoreJob(stored: StoredJob, progress: JobProgress, interner: Interner): Job {
  const job: Job = {
    uid: stored.uid,
    namespace: stored.namespace,
    name: ownText(stored.name),
    version: stored.version,
    definitions: stored.definitions ?? 0,
    state: interner.text(stored.state),
    stateEntry: stored.stateEntry,
    spec: restoreSpec(stored.spec, interner),
    schedules: stored.schedules.map((schedule) => interner.object('compiled', schedule)),
    spread: stored.spread,
    since: stored.since,
    sinceEntry: stored.sinceEntry,
    createdBy: interner.text(stored.createdBy),
    updatedBy: interner.text(stored.updatedBy),
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
    progress: restoreProgress(progress, interner),
    openRuns: [],
  }
  return withOthers(job, stored, 2)
}

function restoreSpec(stored: JobSpec, interner: Interner): JobSpec {
  const spec: JobSpec = {
    description: ownText(stored.description),
    labels: interner.object('labels', stored.labels),
    schedules: stored.schedules.map((schedule) => interner.object('schedule', schedule)),
    target: interner.object('target', stored.target),
    params: Object.keys(stored.params).length === 0 ? interner.object('params', stored.params) : own(stored.params),
    misfire: interner.object('misfire', stored.misfire),
    overlap: interner.text(stored.overlap),
    maxConcurrentRuns: stored.maxConcurrentRuns,
    queueMax: stored.queueMax,
    queueTtlMs: stored.queueTtlMs,
    whenFull: interner.text(stored.whenFull),
    priority: stored.priority,
    routing: interner.object('routing', stored.routing),
    retry: interner.object('retry', stored.retry),
    failover: stored.failover,
    timeoutMs: stored.timeoutMs,
    runTimeoutMs: stored.runTimeoutMs,
    onUncertain: interner.text(stored.onUncertain),
    placement: interner.text(stored.placement),
    children: interner.object('children', stored.children),
    notify: interner.object('notify', stored.notify),
    pauseAfterFailures: stored.pauseAfterFailures,
  }
  return withOthers(spec, stored, 0)
}

/** In place: of its own, a progress has few strings. */
function restoreProgress(progress: JobProgress, interner: Interner): JobProgress {
  const { nextFire, lastRun, stretch } = progress
  if (nextFire) {
    nextFire.schedules = interner.object('fire', nextFire.schedules)
    if (nextFire.moved) nextFire.moved = interner.text(nextFire.moved)
    if (nextFire.skip) nextFire.skip = interner.text(nextFire.skip)
  }
  if (lastRun) {
    lastRun.id = ownText(lastRun.id)
    lastRun.state = interner.text(lastRun.state)
  }
  if (stretch) {
    stretch.reason = interner.text(stretch.reason)
    if (stretch.into !== undefined) stretch.into = ownText(stretch.into)
  }
  return progress
}

/** Adds the fields that only some have, and that the literal therefore leaves out. */
function withOthers<T extends object>(literal: T, stored: Partial<T>, added: number): T {
  if (Object.keys(stored).length === Object.keys(literal).length - added) return literal
  return { ...stored, ...literal }
}
