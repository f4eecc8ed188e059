import { chmod, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolderDurably, syncFolder } from '../runtime/durable-folder.ts'
import type { Random } from '../runtime/random.ts'
import { CorruptStore, StorageError, StorageFailed } from './storage-errors.ts'

/** Length of the cluster key. */
const KEY_BYTES = 32

/** Where a node keeps what it knows. */
export interface DataFolder {
  folder: string
  wal: string
  state: string
  /** Lines of runs: no part of the state. */
  output: string
  adminToken: string
}

export function dataFolder(folder: string): DataFolder {
  const within = (name: string) => join(folder, name)
  return {
    folder,
    wal: within('wal'),
    state: within('state'),
    output: within('output'),
    adminToken: within('admin.token'),
  }
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

/** Where the cluster key is looked for. */
interface KeyPlace {
  dataFolder: string
  clusterKeyFile: string
  clusterKey?: string
}

/** The key under which secrets are sealed: from the configuration, else from a file that the first start makes (0600). */
export async function clusterKey(config: KeyPlace, random: Random): Promise<Buffer> {
  const make = () => `${Buffer.from(random.bytes(KEY_BYTES)).toString('base64')}\n`
  const text = config.clusterKey ?? (await readOrMake(config.dataFolder, config.clusterKeyFile, make))
  return parsedKey(config, text)
}

/** The same key when there is one; a node that shares it with others never makes one of its own. */
export async function existingClusterKey(config: KeyPlace): Promise<Buffer | undefined> {
  const text = config.clusterKey ?? (await textOf(config.dataFolder, config.clusterKeyFile))
  return text === undefined ? undefined : parsedKey(config, text)
}

/** Keeps the key that a cluster gave to a node that joined it; throws when there is another one already. */
export async function keepClusterKey(config: KeyPlace, key: Buffer): Promise<void> {
  const present = await existingClusterKey(config)
  if (present?.equals(key)) return
  if (present) {
    const where = config.clusterKey === undefined ? config.clusterKeyFile : 'the configuration'
    throw new StorageError(`The cluster key in ${where} is not that of the cluster which this node joins.`, {
      folder: config.dataFolder,
      nextStep: 'Take it away: the node gets the key of the cluster when it joins. Then make another join token.',
    })
  }
  await writePrivate(config.dataFolder, config.clusterKeyFile, `${key.toString('base64')}\n`)
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

function parsedKey({ dataFolder: folder, clusterKeyFile }: KeyPlace, text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === KEY_BYTES) return key
  throw new CorruptStore(folder, clusterKeyFile, undefined, `it holds ${key.length} bytes of key, not ${KEY_BYTES}`)
}

async function readOrMake(folder: string, path: string, make: () => string): Promise<string> {
  const present = await textOf(folder, path)
  if (present !== undefined) return present
  const text = make()
  await writePrivate(folder, path, text)
  return text
}

async function textOf(folder: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StorageFailed(folder, `reading ${path}`, error)
  }
}
