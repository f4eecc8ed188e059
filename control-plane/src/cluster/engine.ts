import type { MemberId, Membership, Message, Snapshot } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'
import { assert } from '../runtime/assert.ts'
import { StorageError } from '../runtime/storage-error.ts'
import { apply, pass } from '../state/apply.ts'
import type { Applied, Event } from '../state/applied.ts'
import { DigestRing } from '../state/digest-ring.ts'
import type { Command } from '../state/commands.ts'
import { Image, loadState } from '../state/image.ts'
import type { State } from '../state/state.ts'
import { FIRST_STATE_FOLDER } from '../store/state-folders.ts'
import { StateHashes } from '../store/state-hash.ts'
import type { Store } from '../store/store.ts'
import { type Replaceable, SwitchableStore } from '../store/switchable-store.ts'
import type { FileSystem } from '../wal/file-system.ts'
import { openWal } from '../wal/open-wal.ts'
import type { Wal } from '../wal/wal.ts'
import { UnknownCommandVersion } from './entry-codec.ts'
import type { InitialCluster } from './initial-cluster.ts'
import { raftId } from './member-id.ts'
import { decodeMembership, encodeMembership } from './membership-codec.ts'
import type { Network, NetworkHandlers, RequestKind } from './network.ts'
import { RaftEngine } from './raft-engine.ts'
import { RaftLog } from './raft-log.ts'
import { compactTo, type Retention, RETENTION } from './retention.ts'
import { Restraint } from './restraint.ts'
import { installState } from './snapshot-install.ts'
import { SnapshotTransfer } from './snapshot-transfer.ts'
import type { States } from './states.ts'
import type { Timing } from './ticker.ts'

/**
 * How often the log below what the store holds is let go, in milliseconds: soon, so that the next segment is an old one,
 * and a log that is the only thing that grows does not fill a small disk.
 */
const COMPACT_MS = 1000
const OLD_STATE = 'an old state could not be removed'
/** A segment has a multiple of so many bytes. */
const SEGMENT_GRAIN = 8
/** Where the log of a new cluster begins: its members are the state at this index, so that no entry has to say them. */
const GENESIS = { index: 1, term: 1 }

export interface EngineDeps<S extends Replaceable> {
  clock: Clock
  random: Random
  logger: Logger
  fileSystem: FileSystem
  walFolder: string
  /** @default 64 MiB */
  walSegmentBytes?: number
  states: States<S>
  /** Id of this member. */
  node: string
  /** With whom a new folder begins a cluster; `join` waits for a member to send what there is. */
  begin: InitialCluster | 'join'
  timing: Timing
  retention?: Retention
  /** Connects to the other members; what arrives goes to the handlers. */
  connect(handlers: NetworkHandlers): Network
  /** Answers what other members ask. */
  onRequest(from: MemberId, kind: RequestKind, body: Uint8Array): Promise<Uint8Array>
  /** Called for everything that happens, after the state has changed. */
  onEvent(event: Event): void
  /** Called after the whole state was replaced by a newer one. */
  onReplaced(): void
  onFatal(error: Error): void
}

/** State, store and log of a node, brought to where the last process left them and kept in step with the cluster. */
export interface Engine<S extends Store = Store> {
  state: State
  store: SwitchableStore<S & Replaceable>
  consensus: RaftEngine
  network: Network
  digests: DigestRing
  hashes: StateHashes
  /** Whether this member leaves elections to others. */
  restraint: Restraint
  /** First and last index, and bytes, of the log on disk. */
  log: Pick<Wal, 'firstIndex' | 'lastIndex' | 'bytes'>
  /** Id of the cluster that the log belongs to; empty while it belongs to none. */
  readonly cluster: string
  /** Lets go at once of the log below what is on disk as state, but for so many entries; members that lack it get a state. */
  compact(entriesKeep: number): Promise<void>
  stop(): Promise<void>
}

/** Opens log and state of a member. Throws a `StorageError` when the two do not go together. */
export async function startEngine<S extends Replaceable>(deps: EngineDeps<S>): Promise<Engine<S>> {
  const { walSegmentBytes, begin, node } = deps
  let store: SwitchableStore<S> | undefined
  let state: State | undefined
  let stateFolder = FIRST_STATE_FOLDER
  const wal = await openWal({
    fileSystem: deps.fileSystem,
    folder: deps.walFolder,
    ...(walSegmentBytes === undefined ? {} : { segmentBytes: walSegmentBytes - (walSegmentBytes % SEGMENT_GRAIN) }),
    identity: { cluster: '', member: node },
    async appliedIndex(snapshot) {
      const opened = await deps.states.begin(snapshot?.stateFolder ?? '')
      stateFolder = opened.stateFolder
      store = new SwitchableStore(opened.store)
      state = await loadState(store)
      // Where a log begins, nothing has been applied yet.
      return state.index === 0 && snapshot?.index === GENESIS.index ? GENESIS.index : state.index
    },
    random: deps.random,
  }).catch(async (error: unknown) => {
    await store?.close().catch(() => undefined)
    throw error
  })
  try {
    assert(store !== undefined && state !== undefined, 'the log was held against the state')
    holdTogether(deps, wal, state)
    if (wal.snapshot === undefined && wal.lastIndex === 0 && begin !== 'join') await found(wal, begin, stateFolder)
    if (state.index === 0 && wal.snapshot?.index === GENESIS.index) pass(state, GENESIS)
    return await run(deps, wal, store, state)
  } catch (error) {
    await wal.close().catch(() => undefined)
    await store?.close().catch(() => undefined)
    throw error instanceof UnknownCommandVersion ? newerLog(deps.walFolder, error) : error
  }
}

/** Begins a cluster: one synced record says who its voters are. */
async function found(wal: Wal, { cluster, members }: InitialCluster, stateFolder: string): Promise<void> {
  const voters = members.map(({ id }) => raftId(id)).sort((a, b) => a - b)
  await wal.installSnapshot({
    ...GENESIS,
    membership: encodeMembership(membershipOf(voters)),
    stateFolder,
    hardState: { term: GENESIS.term, vote: '', commit: GENESIS.index },
    cluster,
  })
}

async function run<S extends Replaceable>(
  deps: EngineDeps<S>,
  wal: Wal,
  store: SwitchableStore<S>,
  state: State,
): Promise<Engine<S>> {
  const { clock, logger, states, node } = deps
  let membership = membershipAt(store, wal, deps)
  let image = new Image(state, store, () => membership)
  const digests = new DigestRing()
  const restraint = new Restraint()
  const hashes = new StateHashes(store, () => new Promise((resolve) => void clock.after(0, resolve)))
  let onFetched = (): void => undefined
  let placing = false
  const log = await RaftLog.open({
    wal,
    applied: state.index,
    membership,
    newestState: () => {
      const { applied, membership: stored } = store
      return stored === undefined ? 'fetching' : { ...applied, membership: stored }
    },
    onFetched: () => onFetched(),
    onFatal: (error) => consensus.fail(error),
  })
  // A log that begins without saying who its members are is of no use to one that joins: it gets the state.
  if (wal.snapshot === undefined && state.index > 0) log.compacted(state.index, state.term)
  const network = deps.connect({
    onMessage: (message) => receive(message),
    onUnreachable: (peer) => consensus.unreachable(peer),
    onRequest: deps.onRequest,
    onSnapshot: (_from, snapshot, chunks) => takeIn(snapshot, chunks),
  })
  const transfer = new SnapshotTransfer({
    logger,
    store,
    network,
    exportState: () => states.export(store),
    importState: (chunks) => states.import(chunks, state.cluster),
    discard: (stateFolder) => states.discard(stateFolder),
    sent: (to, ok) => consensus.snapshotSent(to, ok),
    needsState: (member) => consensus.needsState(member),
    installs: (position) => consensus.installs(position),
  })
  const consensus: RaftEngine = new RaftEngine({
    node,
    wal,
    log,
    clock,
    random: deps.random,
    network,
    timing: deps.timing,
    applied: state.index,
    members: () => [node, ...state.members.keys(), ...founders(deps)],
    room: () => store.room(),
    beforeTick: (raft) => restraint.beforeTick(raft),
    onFatal: deps.onFatal,
    onMembership(next) {
      membership = next
    },
    apply(index, term, command) {
      const applied = applyEntry(state, index, term, command)
      digests.note(index, state.digest)
      image.note(applied?.changes ?? [])
      for (const event of applied?.events ?? []) {
        if (event.type === 'hash-mark') hashes.mark(event.index)
        deps.onEvent(event)
      }
      return applied
    },
    sendSnapshot: (message) => transfer.send(message),
    async install(snapshot, hardState) {
      placing = true
      const received = transfer.take()
      if (!received) throw new Error(`the state at index ${snapshot.index} is not here`)
      const { cleaned } = await installState(
        {
          wal,
          store,
          state,
          states,
          onInstalled() {
            membership = snapshot.membership
            image = new Image(state, store, () => membership)
            digests.clear()
          },
        },
        received,
        hardState,
      )
      cleaned
        .catch((error: unknown) => logger.warn({ error: String(error) }, OLD_STATE))
        .finally(() => (placing = false))
      deps.onReplaced()
    },
  })
  onFetched = () => consensus.entriesFetched()
  async function takeIn(snapshot: Snapshot, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    // What is here already is read to its end and not kept: the message that follows is answered with how far this is.
    if (isOld(snapshot)) for await (const _ of chunks);
    // Until the last state is in its place, and the one before removed, a new folder could be taken for an old one.
    else if (placing) throw new Error('the last state is still being put in its place')
    else await transfer.receive(snapshot, chunks)
  }
  function receive(message: Message): void {
    // A state counts once it is here; a message about any other is lost, and its sender begins anew.
    if (message.type === 'snapshot' && !transfer.has(message.snapshot) && !isOld(message.snapshot)) return
    consensus.receive(message)
    if (message.type !== 'snapshot' || consensus.installs(message.snapshot) || !transfer.has(message.snapshot)) return
    transfer.drop().catch((error: unknown) => logger.warn({ error: String(error) }, OLD_STATE))
  }
  const isOld = (snapshot: Snapshot) => snapshot.index <= state.index
  const compaction = compactRegularly(
    deps,
    wal,
    log,
    store,
    transfer,
    () => membership,
    (error) => consensus.fail(error),
  )
  // Whoever leads next sends a state of its own.
  consensus.onLeadership(({ isLeader }) => {
    if (!isLeader) transfer.stop()
  })
  consensus.start()
  return {
    state,
    store,
    consensus,
    network,
    digests,
    hashes,
    restraint,
    log: wal,
    compact: (entriesKeep) => compaction.once(entriesKeep),
    get cluster() {
      return wal.identity.cluster
    },
    async stop() {
      transfer.stop()
      await compaction.stop()
      // Each is closed, whatever became of those before.
      const closed = await Promise.allSettled([consensus.stop()])
      closed.push(...(await Promise.allSettled([network.close()])), ...(await Promise.allSettled([store.close()])))
      for (const end of closed) if (end.status === 'rejected') throw end.reason
    },
  }
}

function applyEntry(state: State, index: number, term: number, command: Command | undefined): Applied | undefined {
  if (command !== undefined) return apply(state, { index, term, command })
  pass(state, { index, term })
  return undefined
}

function founders<S extends Replaceable>({ begin }: EngineDeps<S>): string[] {
  return begin === 'join' ? [] : begin.members.map(({ id }) => id)
}

/** Who takes part where the state stands: as the store has it, else as the log began, else this node alone. */
function membershipAt<S extends Replaceable>(store: Store, wal: Wal, { node, begin }: EngineDeps<S>): Membership {
  if (store.membership !== undefined) return store.membership
  if (wal.snapshot !== undefined) return decodeMembership(wal.snapshot.membership)
  return membershipOf(begin === 'join' && wal.lastIndex === 0 ? [] : [raftId(node)])
}

function membershipOf(voters: MemberId[]): Membership {
  return { voters, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
}

/** The last entry that the state has must be in the log as it was applied. */
function holdTogether<S extends Replaceable>({ walFolder }: EngineDeps<S>, wal: Wal, state: State): void {
  const { index, term } = state
  const inLog = index === 0 ? term : wal.termAt(index)
  if (inLog !== undefined && inLog !== term) throw otherHistory(walFolder, { index, term: inLog }, term)
}

function otherHistory(folder: string, { index, term }: { index: number; term: number }, applied: number): StorageError {
  const message = `The write-ahead log in ${folder} and the store do not belong together: entry ${index} is of term ${term} in the log, and was of term ${applied} when the store applied it.`
  const nextStep = 'Nothing was changed. Restore the whole data folder from one backup, never parts of several.'
  return new StorageError(message, { folder, nextStep })
}

function newerLog(folder: string, error: UnknownCommandVersion): StorageError {
  const nextStep =
    'Nothing was changed. Start the newer build that wrote it, or restore a backup from before the upgrade.'
  return new StorageError(`In ${folder}, ${error.message}.`, { folder, nextStep, cause: error })
}

function compactRegularly<S extends Replaceable>(
  deps: EngineDeps<S>,
  wal: Wal,
  log: RaftLog,
  store: Store,
  transfer: SnapshotTransfer,
  membership: () => Membership,
  onFailed: (error: unknown) => void,
): { stop(): Promise<void>; once(entriesKeep: number): Promise<void> } {
  const { clock, retention = RETENTION } = deps
  let running: Promise<void> = Promise.resolve()
  let cancel = clock.after(COMPACT_MS, regularly)
  function compact(kept: Retention): void {
    const { voters, learners } = membership()
    const alone = voters.length + learners.length < 2
    const index = compactTo(wal, store.applied, transfer.pinned, alone, kept)
    const term = wal.termAt(index)
    if (index > log.firstIndex() && term !== undefined) log.compacted(index, term)
    running = wal.compact(index).catch(onFailed)
  }
  function regularly(): void {
    compact(retention)
    cancel = clock.after(COMPACT_MS, regularly)
  }
  return {
    stop() {
      cancel()
      return running
    },
    async once(entriesKeep) {
      await store.flush()
      await running
      compact({ ...retention, entriesKeep, bytesKeep: Number.MAX_SAFE_INTEGER })
      await running
    },
  }
}
