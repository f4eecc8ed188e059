import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CorruptStore, StorageFailed } from './storage-errors.ts'
import { type Damage, readLog } from './verify-log.ts'
import { readManifest, type LiveTable, type Manifest } from './verify-manifest.ts'
import { verifyTable } from './verify-table.ts'

/** Tables that are read and summed at the same time. */
const PARALLEL_FILES = 4

/** Bytes that were read and summed. */
export interface Verified {
  files: number
  bytes: number
}

/**
 * Reads every live file of a LevelDB folder and checks every checksum in it, before LevelDB opens it: LevelDB itself,
 * as classic-level binds it, skips damaged records of its log and damaged blocks of its tables without a word, and takes
 * a folder that lost its CURRENT for a new one. Throws `CorruptStore` with file and offset. What a crash may leave
 * behind is accepted: a torn end of the newest log, files that no manifest names. `LOCK` is never opened, since closing
 * it would drop LevelDB's lock.
 */
export async function verifyFolder(folder: string): Promise<Verified> {
  try {
    return await verify(folder)
  } catch (cause) {
    if (cause instanceof CorruptStore) throw cause
    throw new StorageFailed(folder, 'verifying its files', cause)
  }
}

async function verify(folder: string): Promise<Verified> {
  const names = new Set(await readdir(folder))
  const verified: Verified = { files: 0, bytes: 0 }
  if (!names.has('CURRENT')) {
    const left = [...names].find((name) => /\.(ldb|sst|log)$/.test(name))
    if (left) throw new CorruptStore(folder, 'CURRENT', undefined, `it is missing, but ${left} is there`)
    return verified
  }
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await readFile(join(folder, name))
    verified.files += 1
    verified.bytes += bytes.length
    return bytes
  }
  const manifest = await verifyManifest(folder, names, read)
  await verifyTables(folder, manifest, names, read)
  await verifyLogs(folder, manifest, names, read)
  return verified
}

async function verifyManifest(
  folder: string,
  names: ReadonlySet<string>,
  read: (name: string) => Promise<Uint8Array>,
): Promise<Manifest> {
  const current = Buffer.from(await read('CURRENT')).toString('latin1')
  const name = /^(MANIFEST-\d{6,})\n$/.exec(current)?.[1]
  if (!name) throw new CorruptStore(folder, 'CURRENT', 0, 'it does not name a manifest')
  if (!names.has(name)) throw new CorruptStore(folder, name, undefined, 'it is missing, but CURRENT names it')
  const manifest = readManifest(await read(name))
  if ('damage' in manifest) throw damaged(folder, name, manifest.damage)
  if (manifest.logNumber === 0) {
    // The first opening did not get further: there are no tables, and LevelDB replays whatever logs there are.
    const table = [...names].find((other) => /\.(ldb|sst)$/.test(other))
    if (table) throw new CorruptStore(folder, name, undefined, `it is that of a new database, but ${table} is there`)
    return manifest
  }
  // The log of that number is made before the manifest names it, and removed only after the manifest names a later one.
  if (!names.has(fileName(manifest.logNumber, 'log'))) {
    throw new CorruptStore(
      folder,
      fileName(manifest.logNumber, 'log'),
      undefined,
      `it is missing, but ${name} names it`,
    )
  }
  return manifest
}

async function verifyTables(
  folder: string,
  manifest: Manifest,
  names: ReadonlySet<string>,
  read: (name: string) => Promise<Uint8Array>,
): Promise<void> {
  const waiting = [...manifest.tables.values()]
  const next = async (): Promise<void> => {
    for (let table = waiting.pop(); table; table = waiting.pop()) await verifyOneTable(folder, table, names, read)
  }
  await Promise.all(Array.from({ length: PARALLEL_FILES }, next))
}

async function verifyOneTable(
  folder: string,
  table: LiveTable,
  names: ReadonlySet<string>,
  read: (name: string) => Promise<Uint8Array>,
): Promise<void> {
  const name = [fileName(table.number, 'ldb'), fileName(table.number, 'sst')].find((name) => names.has(name))
  if (!name) {
    throw new CorruptStore(folder, fileName(table.number, 'ldb'), undefined, 'it is missing, but the manifest names it')
  }
  const { size } = await stat(join(folder, name))
  if (size !== table.size) {
    throw new CorruptStore(folder, name, Math.min(size, table.size), `it has ${size} bytes instead of ${table.size}`)
  }
  const damage = verifyTable(await read(name))
  if (damage) throw damaged(folder, name, damage)
}

async function verifyLogs(
  folder: string,
  manifest: Manifest,
  names: ReadonlySet<string>,
  read: (name: string) => Promise<Uint8Array>,
): Promise<void> {
  const numbers = [...names]
    .map((name) => /^(\d+)\.log$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .filter((number) => number >= manifest.logNumber)
    .sort((a, b) => a - b)
  let sequence: number | undefined
  let torn: CorruptStore | undefined
  for (const number of numbers) {
    const name = fileName(number, 'log')
    const log = readLog(await read(name), { tornEnd: 'any' })
    if ('damage' in log) throw damaged(folder, name, log.damage)
    // What a crash tore is followed by nothing, except by the log that an opening made which crashed as well.
    if (torn && log.records.length > 0) throw torn
    if (log.torn) torn ??= damaged(folder, name, log.torn)
    for (const { payload, offset } of log.records) {
      const batch = batchHead(payload)
      if (!batch) throw new CorruptStore(folder, name, offset, 'a record is no batch')
      if (sequence !== undefined && batch.sequence !== sequence) {
        throw new CorruptStore(folder, name, offset, `writes ${sequence} to ${batch.sequence - 1} are missing`)
      }
      sequence = batch.sequence + batch.count
    }
  }
}

/** LevelDB numbers every write; a batch begins with the number of its first and how many they are. */
function batchHead(payload: Uint8Array): { sequence: number; count: number } | undefined {
  if (payload.length < 12) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset)
  return { sequence: Number(view.getBigUint64(0, true)), count: view.getUint32(8, true) }
}

function damaged(folder: string, file: string, { offset, what }: Damage): CorruptStore {
  return new CorruptStore(folder, file, offset, what)
}

function fileName(number: number, extension: string): string {
  return `${String(number).padStart(6, '0')}.${extension}`
}
