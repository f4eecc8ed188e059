import { readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { makeFolderDurably } from '../runtime/durable-folder.ts'
import { openPaths } from './open-paths.ts'
import { FolderLocked, StorageFailed } from './storage-errors.ts'

export interface FolderLock {
  /** The folder as the operating system names it. */
  readonly folder: string
  release(): Promise<void>
}

/**
 * Locks a data folder for this process. Throws `FolderLocked` while another live process holds it.
 *
 * The lock is that of an empty LevelDB database in `<folder>/lock`, which nothing but this file opens: the kernel holds
 * it for the process and drops it however the process ends, so there is no stale lock to judge, no race in taking one
 * over, and containers that share the folder see it. Node has no other way to such a lock.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = await makeLockFolder(folder)
  const holderFile = join(path, 'holder.json')
  const real = await realpath(folder)
  if (openPaths.has(path)) throw new FolderLocked(folder, { pid: process.pid, host: hostname(), here: true })
  openPaths.add(path)
  const database = new ClassicLevel(path)
  try {
    await openEmpty(database)
    await writeFile(holderFile, JSON.stringify({ pid: process.pid, host: hostname() }))
  } catch (cause) {
    await database.close()
    openPaths.delete(path)
    throw isLocked(cause) ? new FolderLocked(folder, await readHolder(holderFile), cause) : lockFailed(folder, cause)
  }
  return {
    folder: real,
    async release() {
      await database.close()
      openPaths.delete(path)
    },
  }
}

/** Nothing is kept in there: what cannot be opened although nobody holds it is emptied, all but the lock itself. */
async function openEmpty(database: ClassicLevel): Promise<void> {
  try {
    await database.open()
  } catch (cause) {
    if (isLocked(cause)) throw cause
    for (const name of await readdir(database.location)) {
      if (name !== 'LOCK') await rm(join(database.location, name), { force: true })
    }
    await database.open()
  }
}

/** Another process has the database open. */
export function isLocked(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === 'LEVEL_LOCKED') return true
  }
  return false
}

async function makeLockFolder(folder: string): Promise<string> {
  try {
    await makeFolderDurably(join(folder, 'lock'), 0o700)
    return await realpath(join(folder, 'lock'))
  } catch (cause) {
    throw lockFailed(folder, cause)
  }
}

function lockFailed(folder: string, cause: unknown): StorageFailed {
  return new StorageFailed(folder, 'locking the folder', cause)
}

/** Who says it holds the lock; for the message only. */
async function readHolder(file: string): Promise<{ pid: number; host: string; here: boolean } | undefined> {
  try {
    const { pid, host } = JSON.parse(await readFile(file, 'utf8')) as { pid: number; host: string }
    return { pid, host, here: false }
  } catch {
    return undefined
  }
}
