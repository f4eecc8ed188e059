import { realpath } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import type { Membership } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import { makeFolderDurably } from '../runtime/durable-folder.ts'
import { BATCH_RING, type BatchMark, readMarks } from './batch-ring.ts'
import { decodeValue } from './codec.ts'
import { isLocked } from './folder-lock.ts'
import { MEMBERSHIP_KEY } from './keys.ts'
import { type Database, LevelStore } from './level-store.ts'
import { openPaths } from './open-paths.ts'
import { CorruptStore, FolderLocked, StorageError, StorageFailed } from './storage-errors.ts'
import { verifyFolder } from './verify.ts'

export interface LevelStoreOptions {
  /** Where LevelDB keeps its files; nothing else lives there. Made when it is missing. */
  folder: string
  clock: Clock
  /** Called once, when a write has failed: the node has to stop. */
  onFatal: (error: StorageError) => void
  /** How the database is opened, once the folder is verified. @default LevelDB */
  openDatabase?: (path: string) => Promise<Database>
}

/** Memory that LevelDB fills before it writes a table; also what it may have to replay at a start. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024
const CACHE_BYTES = 32 * 1024 * 1024
const TABLE_BYTES = 8 * 1024 * 1024

/** Opens the store in a folder, after verifying every file. Throws a `StorageError`. The caller holds the folder's lock. */
export async function openLevelStore(options: LevelStoreOptions): Promise<LevelStore> {
  const path = await claim(options.folder)
  let database: Database | undefined
  try {
    await verifyFolder(path)
    database = await (options.openDatabase ?? openDatabase)(path)
    const newest = await readNewestMark(database, path)
    return new LevelStore(database, {
      ...options,
      newest,
      membership: await readMembership(database, path),
      onClosed: () => openPaths.delete(path),
    })
  } catch (cause) {
    await database?.close()
    openPaths.delete(path)
    throw explain(options.folder, cause)
  }
}

export async function openDatabase(path: string): Promise<Database> {
  const database = new ClassicLevel<string, Uint8Array>(path, {
    keyEncoding: 'utf8',
    valueEncoding: 'buffer',
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
    maxFileSize: TABLE_BYTES,
  })
  await database.open()
  return database
}

async function claim(folder: string): Promise<string> {
  let path: string
  try {
    await makeFolderDurably(folder, 0o700)
    path = await realpath(folder)
  } catch (cause) {
    throw new StorageFailed(folder, 'making the folder', cause)
  }
  if (openPaths.has(path)) throw new FolderLocked(folder, { pid: process.pid, host: '', here: true })
  openPaths.add(path)
  return path
}

async function readNewestMark(database: Database, folder: string): Promise<BatchMark | undefined> {
  const marks = new Map<string, BatchMark>()
  for await (const [key, bytes] of database.iterator(BATCH_RING)) {
    const decoded = decodeValue(key, bytes)
    if (!decoded) throw new CorruptStore(folder, `the mark ${key}`, undefined, 'its checksum does not match')
    marks.set(key, decoded.value as BatchMark)
  }
  const newest = readMarks(marks)
  if (newest && 'hole' in newest) throw new CorruptStore(folder, 'the row of batches', undefined, newest.hole)
  if (!newest) {
    for await (const [key] of database.iterator({ limit: 1 })) {
      throw new CorruptStore(folder, 'the row of batches', undefined, `it is missing, but the key ${key} is there`)
    }
  }
  return newest
}

async function readMembership(database: Database, folder: string): Promise<Membership | undefined> {
  const bytes = await database.get(MEMBERSHIP_KEY)
  const decoded = bytes && decodeValue(MEMBERSHIP_KEY, bytes)
  if (bytes && !decoded) throw new CorruptStore(folder, 'the membership', undefined, 'its checksum does not match')
  return decoded?.value as Membership | undefined
}

function explain(folder: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause
  if (isLocked(cause)) return new FolderLocked(folder, undefined, cause)
  return new StorageFailed(folder, 'opening it', cause)
}
