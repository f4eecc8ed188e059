import { chmod, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolderDurably, syncFolder } from '../runtime/durable-folder.ts'
import type { Random } from '../runtime/random.ts'
import { CorruptStore, StorageFailed } from './storage-errors.ts'

/** Length of the cluster key. */
const KEY_BYTES = 32

/** Where a node keeps what it knows. */
export interface DataFolder {
  folder: string
  wal: string
  state: string
  adminToken: string
}

export function dataFolder(folder: string): DataFolder {
  return { folder, wal: join(folder, 'wal'), state: join(folder, 'state'), adminToken: join(folder, 'admin.token') }
}

/** Id of this member, drawn once per data folder and never used by another. */
export async function memberId(folder: string, random: Random): Promise<string> {
  const path = join(folder, 'member.json')
  const text = await readOrMake(
    folder,
    path,
    () => `${JSON.stringify({ member: Buffer.from(random.bytes(8)).toString('hex') })}\n`,
  )
  const member = /"member":"([0-9a-f]{16})"/.exec(text)?.[1]
  if (member === undefined) throw new CorruptStore(folder, 'member.json', undefined, 'it does not hold a member id')
  return member
}

/** The key under which secrets are sealed: from the configuration, else from a file that the first start makes (0600). */
export async function clusterKey(
  config: { dataFolder: string; clusterKeyFile: string; clusterKey?: string },
  random: Random,
): Promise<Buffer> {
  const text =
    config.clusterKey ??
    (await readOrMake(
      config.dataFolder,
      config.clusterKeyFile,
      () => `${Buffer.from(random.bytes(KEY_BYTES)).toString('base64')}\n`,
    ))
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES) {
    throw new CorruptStore(
      config.dataFolder,
      config.clusterKeyFile,
      undefined,
      `it holds ${key.length} bytes of key, not ${KEY_BYTES}`,
    )
  }
  return key
}

/** Writes a file that only its owner may read, durably and whole. */
export async function writePrivate(folder: string, path: string, text: string): Promise<void> {
  try {
    await makeFolderDurably(folder)
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(`${path}.new`, 0o600)
    await rename(`${path}.new`, path)
    await syncFolder(dirname(path))
  } catch (error) {
    throw new StorageFailed(folder, `writing ${path}`, error)
  }
}

async function readOrMake(folder: string, path: string, make: () => string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new StorageFailed(folder, `reading ${path}`, error)
  }
  const text = make()
  await writePrivate(folder, path, text)
  return text
}
