import {
  alertMessageKey,
  alertRuleKey,
  alertTallyKey,
  attemptKey,
  backfillKey,
  channelKey,
  countersKey,
  dayKey,
  definitionKey,
  episodeKey,
  executorKey,
  idempotencyKey,
  jobKey,
  jobRunsPrefix,
  kvKey,
  lateResultKey,
  leaseKey,
  lockKey,
  manifestKey,
  memberKey,
  META_KEY,
  namespaceKey,
  noticeKey,
  namespaceRunsPrefix,
  nodeKey,
  originKey,
  placeOf,
  progressKey,
  runIndexKey,
  serviceKey,
  signingKeyKey,
  silenceKey,
  formerJobKey,
  sinkKey,
  stretchKey,
  tokenKey,
} from '../store/keys.ts'
import type { Membership } from '../raft/types.ts'
import type { EndedRun } from '../runs/run.ts'
import { outboxKey, OutboxWriter } from '../store/outbox-rows.ts'
import { storedRun } from '../store/run-rows.ts'
import type { Gathered, Store, Write } from '../store/store.ts'
import type { Change } from './applied.ts'
import type { HourCounters } from './counters.ts'
import { keysOfGone } from './gone-keys.ts'
import { RunImage } from './run-image.ts'
import type { State } from './state.ts'
import { storedBackfill, storedExecutor, storedJob, storedLease, storedMeta, storedNamespace } from './stored.ts'

export { loadState } from './load.ts'

type LiveKind = Exclude<
  Exclude<Change, { row: unknown } | { gone: unknown } | { service: number }>['kind'],
  'run' | 'shard' | 'counters' | 'kv'
>

/**
 * Keeps the store behind memory. Live keys are only marked when they change and written as they stand when a batch is
 * gathered, however often they changed meanwhile; ledger rows go to the store as they come and are readable at once.
 */
export class Image {
  readonly #state: State
  readonly #store: Store
  readonly #membership: () => Membership | undefined
  readonly #dirty: Record<LiveKind, Set<string | number>> = {
    meta: new Set(),
    namespace: new Set(),
    service: new Set(),
    sink: new Set(),
    job: new Set(),
    progress: new Set(),
    backfill: new Set(),
    notice: new Set(),
    token: new Set(),
    'signing-key': new Set(),
    manifest: new Set(),
    'former-job': new Set(),
    node: new Set(),
    member: new Set(),
    idempotency: new Set(),
    lease: new Set(),
    lock: new Set(),
    'alert-rule': new Set(),
    channel: new Set(),
    silence: new Set(),
    episode: new Set(),
    'alert-message': new Set(),
    'alert-tally': new Set(),
  }
  readonly #executors = new Map<string, { service: number; id: string }>()
  readonly #keys = new Map<number, Set<string>>()
  readonly #counters = new Map<number, HourCounters>()
  /** Counters of an hour that ended before they were gathered. */
  #finishedCounters: [owner: number, counters: HourCounters][] = []
  readonly #runs: RunImage
  readonly #outbox = new OutboxWriter()
  /** Place of each idempotency record in the order in which they were made. */
  #idempotencyOrder = 0

  /**
   * To be made right after `loadState`; tells the store to gather from it. `membership` says who takes part in the log
   * at the applied position: a new object whenever that changes.
   */
  constructor(state: State, store: Store, membership: () => Membership | undefined = () => undefined) {
    this.#state = state
    this.#store = store
    this.#membership = membership
    this.#runs = new RunImage(state)
    for (const id of state.idempotency.keys()) this.#dirty.idempotency.add(id)
    store.gatherFrom(() => this.gather())
  }

  /** What one applied entry changed; asks for a batch. Ledger rows are readable from the store when it returns. */
  note(changes: readonly Change[]): void {
    for (const change of changes) this.#noteOne(change)
    const written = this.#outbox.take(this.#state.ledgerRows)
    if (written) this.#stage(outboxKey(this.#state.index), written)
    this.#store.requestWrite()
  }

  /** The live keys that changed since the last call, as they stand now. */
  gather(): Gathered {
    const state = this.#state
    const writes: Write[] = [put(META_KEY, storedMeta(state))]
    const { dirty, executors } = { dirty: this.#dirty, executors: this.#executors }
    const each = (kind: LiveKind, key: (id: never) => string, value: (id: never) => unknown): void => {
      for (const id of dirty[kind]) writes.push(write(key(id as never), value(id as never)))
      dirty[kind].clear()
    }
    each('namespace', namespaceKey, (id: number) => mapped(state.namespaces.get(id), storedNamespace))
    each('service', serviceKey, (id: number) => state.services.get(id))
    each('sink', sinkKey, (id: number) => state.sinks.get(id))
    each('former-job', formerJobKey, (id: number) => state.formerJobs.get(id))
    each('job', jobKey, (id: number) => mapped(state.jobs.get(id), storedJob))
    each('progress', progressKey, (id: number) => state.jobs.get(id)?.progress)
    each('token', tokenKey, (id: string) => state.tokens.get(id))
    each('signing-key', signingKeyKey, (id: string) => state.signingKeys.get(id))
    each('manifest', manifestKey, (id: number) => state.manifests.get(id))
    each('notice', noticeKey, (id: number) => state.notices.get(id))
    each('backfill', backfillKey, (id: string) => mapped(state.backfills.get(id), storedBackfill))
    each('node', nodeKey, (id: string) => state.nodes.get(id))
    each('member', memberKey, (id: string) => state.members.get(id))
    each('idempotency', idempotencyKey, (id: string) =>
      mapped(state.idempotency.get(id), (record) => ({ ...record, order: this.#idempotencyOrder++ })),
    )
    each('lease', leaseKey, (id: string) => mapped(state.leases.get(id), storedLease))
    each('lock', lockKey, (id: string) => state.locks.get(id))
    each('alert-rule', alertRuleKey, (id: number) => state.alertRules.get(id))
    each('channel', channelKey, (id: number) => state.channels.get(id))
    each('silence', silenceKey, (id: string) => state.silences.get(id))
    each('episode', episodeKey, (id: string) => state.episodes.get(id))
    each('alert-message', alertMessageKey, (id: number) => state.alertMessages.get(id))
    each('alert-tally', alertTallyKey, (id: string) => state.alertTallies.get(id))
    dirty.meta.clear()
    for (const { service, id } of executors.values()) {
      writes.push(write(executorKey(service, id), mapped(state.executors.get(service)?.get(id), storedExecutor)))
    }
    executors.clear()
    this.#gatherKeys(writes)
    this.#runs.gather(writes)
    this.#gatherCounters(writes)
    return { writes, applied: { index: state.index, term: state.term }, membership: this.#membership() }
  }

  #noteOne(change: Change): void {
    switch (change.kind) {
      case 'ended-run':
        return this.#stageRun(change.row)
      case 'ended-attempt':
        return this.#stageAttempt(change)
      case 'stretch':
        return this.#stageRow(stretchKey(change.row.job, change.row.from, change.row.sequence), change.row)
      case 'late-result':
        return this.#stageRow(lateResultKey(change.row.run, change.row.sequence), change.row)
      case 'definition':
        return this.#stage(definitionKey(change.row.job, change.row.ordinal), change.row)
      case 'day':
        return this.#stage(dayKey(change.row.day, change.row.first), change.row.pack)
      case 'definition-gone':
      case 'run-gone':
      case 'stretch-gone':
      case 'late-result-gone':
      case 'counters-gone':
      case 'outbox-gone':
      case 'day-gone':
        for (const key of keysOfGone(change)) this.#store.stage({ type: 'del', key })
        return
      case 'run':
        return this.#runs.noteRun(change.id as string)
      case 'shard':
        return this.#runs.noteShard(change.run, change.shard)
      case 'executor':
        this.#executors.set(`${change.service}/${change.id}`, change)
        return
      case 'kv':
        return this.#noteKey(change.namespace, change.key)
      case 'counters':
        return this.#noteCounters(change.job)
      case 'idempotency':
        // Last noted, last in the order: a key may have been forgotten and used again since the last batch.
        this.#dirty.idempotency.delete(change.id)
        this.#dirty.idempotency.add(change.id)
        return
      default:
        this.#dirty[change.kind as LiveKind].add(change.id)
    }
  }

  #stageRun(row: EndedRun): void {
    const place = placeOf(row)
    const primary = jobRunsPrefix(row.job, row.state) + place
    const stored = storedRun(row)
    this.#stageRow(primary, stored.row)
    for (const [key, ends] of stored.apart) this.#stage(key, ends)
    this.#stage(runIndexKey(row.id), primary)
    this.#stage(namespaceRunsPrefix(row.namespace, row.state) + place, [row.job, row.cause])
    const origin = originKey(row)
    if (origin !== undefined) this.#stage(origin, [row.job, row.cause])
  }

  #stageAttempt({ row, job, namespace }: Extract<Change, { kind: 'ended-attempt' }>): void {
    const key = attemptKey(row.run, row.shard, row.ordinal)
    this.#outbox.addAttempt(key, job, namespace)
    this.#stage(key, row)
  }

  #stageRow(key: string, row: unknown): void {
    this.#outbox.add(key)
    this.#stage(key, row)
  }

  #noteKey(namespace: number, key: string): void {
    const keys = this.#keys.get(namespace)
    if (keys) keys.add(key)
    else this.#keys.set(namespace, new Set([key]))
  }

  #noteCounters(owner: number): void {
    const present = this.#state.counters.get(owner)
    if (!present) return
    const before = this.#counters.get(owner)
    if (before && before !== present && before.hour !== present.hour) this.#finishedCounters.push([owner, before])
    this.#counters.set(owner, present)
  }

  #gatherKeys(writes: Write[]): void {
    for (const [namespace, keys] of this.#keys) {
      const entries = this.#state.kv.get(namespace)?.entries
      for (const key of keys) {
        writes.push(write(kvKey(namespace, key), entries?.get(key)))
      }
      keys.clear()
    }
  }

  #gatherCounters(writes: Write[]): void {
    for (const counted of [this.#finishedCounters, this.#counters]) {
      for (const [owner, counters] of counted) writes.push(put(countersKey(counters.hour, owner), counters))
    }
    this.#finishedCounters = []
    this.#counters.clear()
  }

  #stage(key: string, value: unknown): void {
    this.#store.stage(put(key, value))
  }
}

function put(key: string, value: unknown): Write {
  return { type: 'put', key, value }
}

/** A put, or a removal when the thing has gone. */
function write(key: string, value: unknown): Write {
  return value === undefined ? { type: 'del', key } : put(key, value)
}

function mapped<T, U>(value: T | undefined, map: (value: T) => U): U | undefined {
  return value === undefined ? undefined : map(value)
}
