import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCommand, decodeEntry } from './cluster/entry-codec.ts'
import { raftId } from './cluster/member-id.ts'
import { encodeMembership } from './cluster/membership-codec.ts'
import type { Membership } from './raft/types.ts'
import { assert } from './runtime/assert.ts'
import type { Clock } from './runtime/clock.ts'
import type { Random } from './runtime/random.ts'
import { StorageError } from './runtime/storage-error.ts'
import { apply, pass } from './state/apply.ts'
import { FENCING_RAISE } from './state/cluster-reset.ts'
import { Image, loadState } from './state/image.ts'
import type { State } from './state/state.ts'
import { dataFolder as pathsOf, memberId } from './store/data-folder.ts'
import { lockFolder } from './store/folder-lock.ts'
import { openLevelStore } from './store/level.ts'
import { exportState } from './store/state-export.ts'
import { liveStateFolder, removeOtherStates, removeState, stateFolderName } from './store/state-folders.ts'
import { importState } from './store/state-import.ts'
import type { StateHeader } from './store/state-stream.ts'
import { nodeFileSystem } from './wal/node-file-system.ts'
import { openWal } from './wal/open-wal.ts'
import type { Wal } from './wal/wal.ts'

/** What an empty data folder may hold all the same: the lock, and the key without which secrets stay sealed. */
const MAY_BE_THERE = new Set(['lock', 'cluster.key', 'lost+found'])
/** Entries between two looks at whether the store has room. */
const ROOM_ENTRIES = 64

export interface OfflineDeps {
  clock: Clock
  random: Random
  folder: string
  /** Name of the one member from now on, and `host:port` of its peer port. */
  nodeName: string
  peerAddress: string
  walSegmentBytes: number
}

/** What a restore or a recovery came to. */
export interface NewCluster {
  cluster: string
  member: string
  /** The cluster that it was. */
  before: string
  index: number
  term: number
  jobs: number
  openRuns: number
}

/**
 * Makes a data folder of a saved state: a new cluster whose one voter is a new member. Refuses a folder that holds
 * anything. Cut short, it leaves a folder that no start accepts.
 */
export async function restoreState(deps: OfflineDeps, chunks: AsyncIterable<Uint8Array>): Promise<NewCluster> {
  await refuseUnlessEmpty(deps.folder)
  const lock = await lockFolder(deps.folder)
  try {
    const received = await importState(lock.folder, chunks, { nameOf: nextName })
    const member = await memberId(lock.folder, deps.random)
    const wal = await openLog(deps, lock.folder, member)
    try {
      const { header, stateFolder } = received
      return await begin(deps, { wal, folder: lock.folder, member, stateFolder, header, replay: false })
    } finally {
      await wal.close()
    }
  } finally {
    await lock.release()
  }
}

/**
 * Makes a cluster of one of a data folder whose cluster has lost its quorum. Everything in its log counts as committed,
 * up to the last entry. Takes effect in one point, the record in the log: cut short before, the folder is what it was.
 */
export async function forceNewCluster(deps: OfflineDeps): Promise<NewCluster> {
  const lock = await lockFolder(deps.folder)
  try {
    const { folder } = lock
    await refuseUnlessUsed(folder)
    const member = await memberId(folder, deps.random)
    const wal = await openLog(deps, folder, member)
    try {
      return await recover(deps, wal, folder, member)
    } finally {
      await wal.close()
    }
  } finally {
    await lock.release()
  }
}

async function recover(deps: OfflineDeps, wal: Wal, folder: string, member: string): Promise<NewCluster> {
  const live = await liveStateFolder(folder, wal.snapshot?.stateFolder ?? '')
  const store = await openStore(live, deps.clock)
  let copied: Awaited<ReturnType<typeof importState>>
  try {
    if (store.applied.index > wal.lastIndex || store.applied.index + 1 < wal.firstIndex) throw unfit(folder, wal, store)
    // The live state stays as it is until the log names the copy: what was never committed must not get into it.
    const { chunks } = await exportState(store, { tzdata: process.versions.tz ?? '' })
    const place = { index: wal.lastIndex + 1, term: wal.hardState.term + 1 }
    copied = await importState(folder, chunks, { nameOf: () => stateFolderName(place) })
  } finally {
    await store.abandon()
  }
  const { header, stateFolder } = copied
  return begin(deps, { wal, folder, member, stateFolder, header, replay: true })
}

/** Turns a state in a folder of its own into that of a new cluster, and lets the log name it. */
async function begin(
  deps: OfflineDeps,
  given: { wal: Wal; folder: string; member: string; stateFolder: string; header: StateHeader; replay: boolean },
): Promise<NewCluster> {
  const { wal, folder, member, stateFolder, header } = given
  const cluster = Buffer.from(deps.random.bytes(8)).toString('hex')
  const membership = alone(member)
  const path = join(folder, stateFolder)
  const store = await openStore(path, deps.clock)
  let state: State
  let before: string
  try {
    state = await loadState(store)
    const image = new Image(state, store, () => membership)
    if (given.replay) await catchUp(wal, state, image, () => store.room())
    if (state.cluster === '') throw nothingThere(folder)
    before = state.cluster
    reset(deps, state, image, { cluster, member, term: Math.max(header.term, state.term, wal.hardState.term) + 1 })
    await store.flush()
    await store.close()
  } catch (error) {
    await store.abandon().catch(() => undefined)
    await removeState(folder, path)
    throw error
  }
  const { index, term } = state
  const hardState = { term, vote: '', commit: index }
  await wal.installSnapshot({
    index,
    term,
    membership: encodeMembership(membership),
    stateFolder,
    hardState,
    cluster,
  })
  await removeOtherStates(folder, stateFolder)
  return { cluster, member, before, index, term, jobs: state.jobs.size, openRuns: state.runs.size }
}

/** One more entry, which no log ever had: it takes the place of everything before it. */
function reset(
  { clock, nodeName, peerAddress }: OfflineDeps,
  state: State,
  image: Image,
  { cluster, member, term }: { cluster: string; member: string; term: number },
): void {
  const at = clock.now()
  const index = state.index + 1
  const { changes } = apply(state, {
    index,
    term,
    command: {
      kind: 'cluster-reset',
      at,
      cluster,
      member: { id: member, name: nodeName, address: peerAddress, addedAt: at, joinedAt: at },
      fencingRaise: FENCING_RAISE,
    },
  })
  image.note(changes)
}

/** Applies the rest of the log. Entries of which nobody can say any more whether they were committed count. */
async function catchUp(wal: Wal, state: State, image: Image, room: () => Promise<void>): Promise<void> {
  const from = state.index
  for await (const record of wal.read(Math.max(wal.firstIndex, from + 1))) {
    const { index, term } = record
    if (index <= from) continue
    assert(index === state.index + 1, 'the log goes on where the state ends')
    const { kind, change, data } = decodeEntry(record)
    const command = kind === 'normal' ? data : (change?.context ?? data)
    if (command.length === 0) pass(state, { index, term })
    else image.note(apply(state, { index, term, command: decodeCommand(command) }).changes)
    if (index % ROOM_ENTRIES === 0) await room()
  }
}

function alone(member: string): Membership {
  return { voters: [raftId(member)], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
}

function nextName({ index, term }: StateHeader): string {
  return stateFolderName({ index: index + 1, term: term + 1 })
}

function openLog({ walSegmentBytes, random }: OfflineDeps, folder: string, member: string): Promise<Wal> {
  const segmentBytes = walSegmentBytes - (walSegmentBytes % 8)
  const identity = { cluster: '', member }
  return openWal({ fileSystem: nodeFileSystem, folder: pathsOf(folder).wal, segmentBytes, identity, random })
}

function openStore(folder: string, clock: Clock) {
  // Whoever waits for a write that fails is told: there is nobody else to tell.
  return openLevelStore({ folder, clock, onFatal: () => undefined })
}

async function refuseUnlessEmpty(folder: string): Promise<void> {
  const found = (await namesIn(folder)).find((name) => !MAY_BE_THERE.has(name))
  if (found === undefined) return
  throw new StorageError(`The folder ${folder} is not empty: ${found} is there.`, {
    folder,
    nextStep: 'Nothing was changed. Give a folder that is empty or missing; only cluster.key may be in it already.',
  })
}

async function refuseUnlessUsed(folder: string): Promise<void> {
  const names = await namesIn(folder)
  if (names.includes('wal') && names.includes('member.json')) return
  throw nothingThere(folder)
}

function nothingThere(folder: string): StorageError {
  return new StorageError(`The folder ${folder} holds no state of a cluster.`, {
    folder,
    nextStep: 'Nothing was changed. Name the data folder of a member that belonged to the cluster.',
  })
}

function unfit(folder: string, wal: Wal, { applied }: { applied: { index: number } }): StorageError {
  const message = `The write-ahead log in ${folder} holds entries ${wal.firstIndex} to ${wal.lastIndex}, and the store has applied ${applied.index}: the two do not belong together.`
  const nextStep = 'Nothing was changed. Choose the data folder of another member, or restore a saved state.'
  return new StorageError(message, { folder, nextStep })
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new StorageError(`The folder ${folder} cannot be read.`, { folder, nextStep: 'Look at its owner.', cause })
  }
}
