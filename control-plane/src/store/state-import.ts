import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { assert } from '../runtime/assert.ts'
import { makeFolderDurably, syncFolder } from '../runtime/durable-folder.ts'
import { BATCH_RING, batchKey } from './batch-ring.ts'
import { encodeValue } from './codec.ts'
import { openPaths } from './open-paths.ts'
import { StorageFailed } from './storage-errors.ts'
import { removeState, stateFolderName } from './state-folders.ts'
import { BrokenState, decodeState, type StateHeader, type StateTrailer } from './state-stream.ts'
import type { StatePosition } from './store.ts'

/** Memory that LevelDB fills before it writes a table: twice that of a store, since nothing else is going on in this one. */
const WRITE_BUFFER_BYTES = 32 * 1024 * 1024
const TABLE_BYTES = 8 * 1024 * 1024
/** The name of LevelDB's lock: a file that is not opened, since closing it would drop the lock. */
const LOCK = 'LOCK'

/** A state that was received, whole, verified and durable; it counts once the log names its folder. */
export interface ReceivedState {
  position: StatePosition
  header: StateHeader
  /** Name of its folder within the data folder. */
  stateFolder: string
  trailer: StateTrailer
}

export interface ImportOptions {
  /** Name of its folder. @default after its position */
  nameOf?(header: StateHeader): string
  /** Looks at the header before anything is written; what it throws ends the import. */
  check?(header: StateHeader): void
}

/**
 * Writes a state into a folder of its own beside the live one, in bounded memory. A stream that breaks off, or is
 * damaged, leaves nothing and throws: `BrokenState` for the stream, `StorageFailed` for the disk.
 */
export async function importState(
  dataFolder: string,
  chunks: AsyncIterable<Uint8Array>,
  { nameOf = stateFolderName, check }: ImportOptions = {},
): Promise<ReceivedState> {
  const frames = decodeState(chunks)
  const first = await frames.next()
  if (first.done || first.value.type !== 'header') throw new BrokenState('it has no header')
  const { header } = first.value
  check?.(header)
  const { index, term, membership } = header
  const position: StatePosition = { index, term, ...(membership ? { membership } : {}) }
  const name = nameOf(header)
  const trailer = await written(dataFolder, name, async (database) => {
    const trailer = await writeRows(database, frames)
    await writeMark(database, position)
    return trailer
  })
  return { position, header, stateFolder: name, trailer }
}

type ImportDatabase = ClassicLevel<Uint8Array, Uint8Array>

/** Opens a new database, lets it be written, and closes it durably; or removes it again. */
async function written<T>(
  dataFolder: string,
  name: string,
  write: (database: ImportDatabase) => Promise<T>,
): Promise<T> {
  const path = join(await realpath(dataFolder), name)
  if (openPaths.has(path)) throw new StorageFailed(dataFolder, `receiving ${name}`, new Error('it is open already'))
  openPaths.add(path)
  try {
    await removeState(dataFolder, path)
    const result = await fill(path, write)
    await syncFiles(path)
    await syncFolder(dataFolder)
    openPaths.delete(path)
    return result
  } catch (cause) {
    await removeState(dataFolder, path).catch(() => undefined)
    openPaths.delete(path)
    throw isOwn(cause) ? cause : new StorageFailed(dataFolder, `writing ${name}`, cause)
  }
}

async function fill<T>(path: string, write: (database: ImportDatabase) => Promise<T>): Promise<T> {
  await makeFolderDurably(path, 0o700)
  const database: ImportDatabase = new ClassicLevel(path, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    writeBufferSize: WRITE_BUFFER_BYTES,
    maxFileSize: TABLE_BYTES,
  })
  await database.open()
  try {
    return await write(database)
  } finally {
    await database.close()
  }
}

async function writeRows(database: ImportDatabase, frames: ReturnType<typeof decodeState>): Promise<StateTrailer> {
  let before: Uint8Array = new Uint8Array(0)
  let trailer: StateTrailer | undefined
  for await (const frame of frames) {
    // What follows the trailer is a fault of the stream: it is read to its end.
    if (frame.type === 'trailer') trailer = frame.trailer
    if (frame.type !== 'rows') continue
    const batch = database.batch()
    for (const [key, value] of frame.rows) {
      if (Buffer.compare(before, key) >= 0 || isMark(key)) throw new BrokenState('its keys are out of order')
      batch.put(key, value)
      before = key
    }
    before = Uint8Array.from(before)
    await batch.write()
  }
  assert(trailer, 'a stream that ends has a trailer')
  return trailer
}

/** The first batch of the new store: nothing that lacks it is ever opened. */
async function writeMark(database: ImportDatabase, { index, term }: StatePosition): Promise<void> {
  const key = batchKey(1)
  await database
    .batch()
    .put(Buffer.from(key), encodeValue(key, { batch: 1, index, term }))
    .write({ sync: true })
}

function isMark(key: Uint8Array): boolean {
  return key[0] === BATCH_RING.gte.charCodeAt(0) && key[1] === BATCH_RING.gte.charCodeAt(1)
}

/** LevelDB closes a full log without syncing it: whatever is there when it is closed is made durable here. */
async function syncFiles(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    if (name === LOCK || !(await stat(join(path, name))).isFile()) continue
    const file = await open(join(path, name), constants.O_RDWR)
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
  await syncFolder(path)
}

/** What the stream did wrong, or whoever sends it; anything with a code is the disk's. */
function isOwn(cause: unknown): boolean {
  return cause instanceof Error && !('code' in cause)
}
