import type { Service } from '../discovery/executor.ts'
import type { ServiceManifest } from '../discovery/manifest.ts'
import type { FormerJob } from './former-jobs.ts'
import type { Sink } from '../logs/sink.ts'
import type { Job, JobProgress } from '../jobs/job.ts'
import type { Backfill } from '../runs/backfill.ts'
import type { Notice } from '../runs/notice.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import { assert } from '../runtime/assert.ts'
import { hourPrefix, LIVE, META_KEY, under } from '../store/keys.ts'
import type { Store } from '../store/store.ts'
import { loadAlerts } from './load-alerts.ts'
import { HOUR_MS, type HourCounters } from './counters.ts'
import { linkChildren } from './families.ts'
import { Interner, own, ownText } from './interner.ts'
import { inOrderOfMaking } from './job-uids.ts'
import { keyBytes, spaceOf } from './kv.ts'
import { type KvEntry, lockId, type Lock, OCTETS } from './kv-types.ts'
import { byPlace } from './open-runs.ts'
import { emptyState, type Member, type NodeRecord, type State, type Token } from './state.ts'
import { keepRecord } from './idempotency.ts'
import { keepNotice } from './notices.ts'
import type { KeyPair } from './signing-keys.ts'
import { placedOn } from './slots.ts'
import {
  restoreJob,
  type StoredBackfill,
  type StoredExecutor,
  type StoredIdempotency,
  type StoredJob,
  type StoredLease,
  type StoredMeta,
  type StoredNamespace,
} from './stored.ts'

/**
 * Memory as the last durable batch left it, derived fields and indexes included. Maps are filled in the order in which
 * what they hold was made, which is that of uids except for jobs, open runs in that of their sequence, so that two nodes that load the same store hold the same state.
 */
export async function loadState(store: Store): Promise<State> {
  const state = emptyState()
  state.index = store.applied.index
  state.term = store.applied.term
  Object.assign(state, await store.get<StoredMeta>(META_KEY))
  await loadNamespaces(state, store)
  for await (const [, sink] of store.range<Sink>(LIVE.sinks)) state.sinks.set(sink.uid, own(sink))
  for await (const [, job] of store.range<FormerJob>(LIVE.formerJobs)) state.formerJobs.set(job.uid, own(job))
  await loadServices(state, store)
  await loadJobs(state, store)
  await loadBackfills(state, store)
  await loadNotices(state, store)
  await loadRuns(state, store)
  await loadAccess(state, store)
  await loadLeases(state, store)
  await loadKeys(state, store)
  await loadAlerts(state, store)
  await loadCounters(state, store)
  return state
}

async function loadNamespaces(state: State, store: Store): Promise<void> {
  for await (const [, namespace] of store.range<StoredNamespace>(LIVE.namespaces)) {
    state.namespaces.set(namespace.uid, { ...namespace, held: 0, queued: 0 })
    state.namespaceNames.set(namespace.name, namespace.uid)
  }
}

async function loadServices(state: State, store: Store): Promise<void> {
  for await (const [, service] of store.range<Service>(LIVE.services)) {
    state.services.set(service.uid, service)
    state.serviceNames.set(`${service.namespace}/${service.name}`, service.uid)
    state.executors.set(service.uid, new Map())
  }
  for await (const [, executor] of store.range<StoredExecutor>(LIVE.executors)) {
    state.executors.get(executor.service)?.set(executor.id, { ...executor, held: 0 })
  }
  for await (const [, manifest] of store.range<ServiceManifest>(LIVE.manifests)) {
    state.manifests.set(manifest.service, own(manifest))
  }
}

async function loadJobs(state: State, store: Store): Promise<void> {
  const interner = new Interner()
  const jobs: Job[] = []
  const progress = store.range<JobProgress>(LIVE.progress)[Symbol.asyncIterator]()
  try {
    for await (const [key, stored] of store.range<StoredJob>(LIVE.jobs)) {
      const { value: next } = await progress.next()
      assert(next?.[0] === `p${key.slice(1)}`, `job ${stored.uid} has its progress beside it`)
      jobs.push(restoreJob(stored, next[1], interner))
    }
  } finally {
    await progress.return?.()
  }
  for (const job of inOrderOfMaking(jobs)) {
    state.jobs.set(job.uid, job)
    state.jobNames.set(`${job.namespace}/${job.name}`, job.uid)
    linkChildren(state, job)
  }
}

async function loadNotices(state: State, store: Store): Promise<void> {
  for await (const [, notice] of store.range<Notice>(LIVE.notices)) keepNotice(state, own(notice))
}

async function loadBackfills(state: State, store: Store): Promise<void> {
  const backfills: Backfill[] = []
  for await (const [, stored] of store.range<StoredBackfill>(LIVE.backfills)) {
    backfills.push({ ...own(stored), open: [] })
  }
  for (const backfill of backfills.sort((a, b) => a.sequence - b.sequence)) state.backfills.set(backfill.id, backfill)
}

async function loadRuns(state: State, store: Store): Promise<void> {
  const runs: OpenRun[] = []
  for await (const [, run] of store.range<OpenRun>(LIVE.runs)) runs.push(own(run))
  for (const run of runs.sort(byPlace)) state.runs.set(run.id, run)
  await loadShards(state, store)
  for (const run of runs) {
    const job = state.jobs.get(run.job)
    const namespace = state.namespaces.get(run.namespace)
    job?.openRuns.push(run.id)
    if (run.backfill !== undefined) state.backfills.get(run.backfill)?.open.push(run.id)
    if (namespace && run.state === 'queued') namespace.queued += 1
    for (const shard of run.shards) {
      if (shard.attempt) state.attempts.set(shard.attempt.id, run.id)
      if (shard.placedOn === undefined) continue
      if (namespace) namespace.held += 1
      const executor = placedOn(state, shard)
      if (executor) executor.held += 1
    }
  }
}

/** In the order of their indexes, which is that of their keys. */
async function loadShards(state: State, store: Store): Promise<void> {
  const leading = LIVE.shards.gte.length
  for await (const [key, shard] of store.range<Shard>(LIVE.shards)) {
    const run = state.runs.get(key.slice(leading, key.indexOf('/', leading)))
    assert(run !== undefined, `shard ${key} belongs to an open run`)
    run.shards.push(own(shard))
    run.partsLeft = (run.partsLeft ?? 0) + (shard.ended === undefined ? 1 : 0)
  }
}

async function loadAccess(state: State, store: Store): Promise<void> {
  for await (const [, token] of store.range<Token>(LIVE.tokens)) {
    state.tokens.set(token.id, own(token))
    state.tokenHashes.set(token.hash, token.id)
  }
  const pairs: KeyPair[] = []
  for await (const [, pair] of store.range<KeyPair>(LIVE.signingKeys)) pairs.push(own(pair))
  for (const pair of pairs.sort((a, b) => a.createdAt - b.createdAt)) state.signingKeys.set(pair.id, pair)
  for await (const [key, node] of store.range<NodeRecord>(LIVE.nodes)) {
    state.nodes.set(key.slice(LIVE.nodes.gte.length), node)
  }
  for await (const [, member] of store.range<Member>(LIVE.members)) state.members.set(member.id, own(member))
  const records: [id: string, record: StoredIdempotency][] = []
  for await (const [key, record] of store.range<StoredIdempotency>(LIVE.idempotency)) {
    records.push([key.slice(LIVE.idempotency.gte.length), record])
  }
  records.sort((a, b) => a[1].order - b[1].order)
  for (const [, { order: _order, ...record }] of records) keepRecord(state, own(record))
}

async function loadLeases(state: State, store: Store): Promise<void> {
  for await (const [, stored] of store.range<StoredLease>(LIVE.leases)) {
    const lease = { ...own(stored), keys: new Set<string>(), claims: new Set<string>() }
    state.leases.set(lease.id, lease)
    const space = spaceOf(state, lease.namespace)
    space.leases += 1
    state.kv.set(lease.namespace, space)
  }
  for await (const [, stored] of store.range<Lock>(LIVE.locks)) {
    const lock = own(stored)
    const id = lockId(lock.namespace, lock.kind, lock.name)
    state.locks.set(id, lock)
    for (const { lease } of [lock.holder, ...lock.queue]) state.leases.get(lease)?.claims.add(id)
  }
}

async function loadKeys(state: State, store: Store): Promise<void> {
  const leading = LIVE.kv.gte.length
  for await (const [place, stored] of store.range<KvEntry>(LIVE.kv)) {
    const slash = place.indexOf('/', leading)
    const namespace = Number.parseInt(place.slice(leading, slash), 36)
    const key = ownText(decodeURIComponent(place.slice(slash + 1)))
    const entry = restoreEntry(stored)
    const space = spaceOf(state, namespace)
    space.entries.set(key, entry)
    space.bytes += keyBytes(key) + entry.value.length
    state.kv.set(namespace, space)
    if (entry.lease !== '') state.leases.get(entry.lease)?.keys.add(key)
  }
}

/** With a value and texts of its own: what the store gives are parts of what it read. */
function restoreEntry({ value, contentType, createIndex, modIndex, version, lease }: KvEntry): KvEntry {
  return {
    value: new Uint8Array(value),
    contentType: contentType === OCTETS ? OCTETS : ownText(contentType),
    createIndex,
    modIndex,
    version,
    lease: lease === '' ? '' : ownText(lease),
  }
}

async function loadCounters(state: State, store: Store): Promise<void> {
  const prefix = hourPrefix(state.now - (state.now % HOUR_MS))
  for await (const [key, counters] of store.range<HourCounters>(under(prefix))) {
    const owner = Number.parseInt(key.slice(prefix.length), 36)
    if (state.jobs.has(owner) || state.namespaces.has(owner)) state.counters.set(owner, own(counters))
  }
}
