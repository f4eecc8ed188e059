import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { StorageError } from '../runtime/storage-error.ts'
import { apply } from '../state/apply.ts'
import type { Event } from '../state/applied.ts'
import { Image, loadState } from '../state/image.ts'
import type { State } from '../state/state.ts'
import type { Store } from '../store/store.ts'
import type { FileSystem } from '../wal/file-system.ts'
import { openWal } from '../wal/open-wal.ts'
import type { Wal } from '../wal/wal.ts'
import type { Entry } from './consensus.ts'
import { UnknownCommandVersion } from './entry-codec.ts'
import { OneVoter } from './one-voter.ts'
import { replay } from './replay.ts'

/**
 * How often the log below what the store holds is let go, in milliseconds: soon, so that the next segment is an old one,
 * and a log that is the only thing that grows does not fill a small disk.
 */
const COMPACT_MS = 1000
/** A segment has a multiple of so many bytes. */
const SEGMENT_GRAIN = 8

export interface EngineDeps {
  clock: Clock
  random: Random
  fileSystem: FileSystem
  walFolder: string
  /** @default 64 MiB */
  walSegmentBytes?: number
  store: Store
  node: string
  /** Called for everything that happens, after the state has changed; not while the log is replayed. */
  onEvent(event: Event): void
  onFatal(error: Error): void
}

/** State, store and log of a node, brought to where the last process left them and kept in step from then on. */
export interface Engine {
  state: State
  consensus: OneVoter
  stop(): Promise<void>
}

/** Loads the state, replays the log after it, and takes office. Throws a `StorageError` when the two do not go together. */
export async function startEngine(deps: EngineDeps): Promise<Engine> {
  const { store, walSegmentBytes } = deps
  const state = await loadState(store)
  const wal = await openWal({
    fileSystem: deps.fileSystem,
    folder: deps.walFolder,
    ...(walSegmentBytes === undefined ? {} : { segmentBytes: walSegmentBytes - (walSegmentBytes % SEGMENT_GRAIN) }),
    appliedIndex: state.index,
    identity: { cluster: '', member: deps.node },
    random: deps.random,
  })
  try {
    return await takeOver(deps, state, wal)
  } catch (error) {
    await wal.close().catch(() => undefined)
    throw error
  }
}

async function takeOver(deps: EngineDeps, state: State, wal: Wal): Promise<Engine> {
  const { store } = deps
  const image = new Image(state, store)
  const room = () => store.room()
  await catchUp(deps, state, wal, image)
  const consensus = new OneVoter({
    wal,
    node: deps.node,
    clock: deps.clock,
    applied: state.index,
    room,
    onFatal: deps.onFatal,
    apply(entry: Entry) {
      const applied = apply(state, entry)
      image.note(applied.changes)
      for (const event of applied.events) deps.onEvent(event)
      return applied
    },
  })
  await consensus.start()
  const stopCompacting = compactRegularly(deps, wal, store)
  return {
    state,
    consensus,
    async stop() {
      await stopCompacting()
      await consensus.stop()
      await store.flush()
      await wal.close()
    },
  }
}

/** Applies what the log has after the state; the last entry that the state has must be in the log as it was applied. */
async function catchUp({ store, walFolder }: EngineDeps, state: State, wal: Wal, image: Image): Promise<void> {
  const { index, term } = state
  const onEntry = (entry: Entry): void => {
    if (entry.index > index) image.note(apply(state, entry).changes)
    else if (entry.term !== term) throw otherHistory(walFolder, entry, term)
  }
  await replay(wal, Math.max(wal.firstIndex, index), onEntry, () => store.room()).catch((error: unknown) => {
    throw error instanceof UnknownCommandVersion ? newerLog(walFolder, error) : error
  })
}

function otherHistory(folder: string, { index, term }: Entry, applied: number): StorageError {
  const message = `The write-ahead log in ${folder} and the store do not belong together: entry ${index} is of term ${term} in the log, and was of term ${applied} when the store applied it.`
  const nextStep = 'Nothing was changed. Restore the whole data folder from one backup, never parts of several.'
  return new StorageError(message, { folder, nextStep })
}

function newerLog(folder: string, error: UnknownCommandVersion): StorageError {
  const nextStep =
    'Nothing was changed. Start the newer build that wrote it, or restore a backup from before the upgrade.'
  return new StorageError(`In ${folder}, ${error.message}.`, { folder, nextStep, cause: error })
}

function compactRegularly(deps: EngineDeps, wal: Wal, store: Store): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let cancel = deps.clock.after(COMPACT_MS, compact)
  function compact(): void {
    running = wal.compact(store.applied.index).catch((error: unknown) => deps.onFatal(error as Error))
    cancel = deps.clock.after(COMPACT_MS, compact)
  }
  return () => {
    cancel()
    return running
  }
}
