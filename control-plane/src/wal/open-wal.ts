import { dirname } from 'node:path'
import { assert } from '../runtime/assert.ts'
import { systemRandom, type Random } from '../runtime/random.ts'
import { CorruptLog, foreignLog, storageFault } from './errors.ts'
import type { FileSystem } from './file-system.ts'
import { recover } from './recover.ts'
import { segmentName } from './segment.ts'
import { SegmentedWal } from './segmented-wal.ts'
import { Spares } from './spares.ts'
import type { Wal, WalIdentity, WalSnapshot } from './wal.ts'

export interface WalOptions {
  fileSystem: FileSystem
  /** Holds segments and spares, and nothing else. Made when it is missing. */
  folder: string
  /** Size of a segment, allocated whole before it is used; a multiple of 8. @default 67_108_864 @minimum 2048 */
  segmentBytes?: number
  /** Dropped segments that are kept for their disk space. @default 2 */
  sparesMax?: number
  /**
   * What the state that stands for everything up to the newest snapshot has applied, or how to find that out before
   * anything is written: a log that ends before it, or begins after the next, has lost entries. Not checked when absent.
   */
  appliedIndex?: number | ((snapshot: WalSnapshot | undefined) => Promise<number>)
  /**
   * Whose log it has to be. A log that belongs to no cluster yet belongs to this one from now on; without a cluster any
   * will do. @default that of whoever wrote it
   */
  identity?: WalIdentity
  random?: Random
}

/** Opens the log in a folder, or begins one. Throws `CorruptLog` or `StorageFailed`, whose messages are for operators. */
export async function openWal(options: WalOptions): Promise<Wal> {
  const { fileSystem, folder, random = systemRandom, segmentBytes = 64 * 1024 * 1024, sparesMax = 2 } = options
  const { identity = { cluster: '', member: '' } } = options
  assert(segmentBytes >= 2048 && segmentBytes % 8 === 0, 'a segment has at least 2048 bytes, a multiple of 8')
  try {
    await fileSystem.makeFolder(folder)
    const spares = new Spares({ fileSystem, folder, segmentBytes, sparesMax })
    const recovered = await recover(fileSystem, folder)
    const wal = new SegmentedWal({ fileSystem, folder, segmentBytes, spares, random, identity }, recovered)
    if (recovered !== undefined) holdToIdentity(folder, wal.identity, identity)
    const appliedIndex = await appliedOf(options, recovered === undefined ? undefined : wal.snapshot)
    if (recovered === undefined && (appliedIndex ?? 0) > 0) {
      const where = { folder, file: segmentName(1), offset: 0 }
      throw new CorruptLog(where, `the store has applied index ${appliedIndex}, but there is no log`)
    }
    if (recovered === undefined) await fileSystem.syncFolder(dirname(folder))
    if (recovered !== undefined) holdAgainstStore(wal, folder, recovered.map.segments.at(-1)!, appliedIndex)
    await spares.adopt(await fileSystem.list(folder))
    await wal.begin()
    if (wal.identity.cluster === '' && identity.cluster !== '') await wal.joinCluster(identity.cluster)
    return wal
  } catch (error) {
    throw storageFault(folder, error)
  }
}

function appliedOf(
  { appliedIndex }: WalOptions,
  snapshot: WalSnapshot | undefined,
): Promise<number> | number | undefined {
  return typeof appliedIndex === 'function' ? appliedIndex(snapshot) : appliedIndex
}

/** A folder is one member's, in one cluster: it never goes on with the log of another. */
function holdToIdentity(folder: string, stored: WalIdentity, asked: WalIdentity): void {
  for (const what of ['member', 'cluster'] as const) {
    if (stored[what] === '' || asked[what] === '' || stored[what] === asked[what]) continue
    throw foreignLog(folder, what, stored[what], asked[what])
  }
}

/** The store is a second witness of what the log must hold. */
function holdAgainstStore(
  wal: Wal,
  folder: string,
  last: { sequence: number; end: number },
  applied = wal.lastIndex,
): void {
  const where = { folder, file: segmentName(last.sequence), offset: last.end }
  if (wal.lastIndex < applied) {
    throw new CorruptLog(where, `it ends at index ${wal.lastIndex}, the store has applied ${applied}`)
  }
  if (wal.firstIndex > applied + 1) {
    throw new CorruptLog(where, `it begins at index ${wal.firstIndex}, the store has applied only ${applied}`)
  }
}
