import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { syncFolder } from '../runtime/durable-folder.ts'
import { openPaths } from './open-paths.ts'
import { CorruptStore, StorageFailed } from './storage-errors.ts'
import type { AppliedPosition } from './store.ts'

/** The first one of a data folder; those that were installed later are named after their place in the log. */
export const FIRST_STATE_FOLDER = 'state'

const STATE_FOLDER = /^state(-\d+-\d+)?$/

/** Where the states of a node lie, as those who install one see it. */
export interface StateFolders<S> {
  /** Opens a state that was received. */
  open(stateFolder: string): Promise<S>
  /** Removes all but one. */
  keepOnly(stateFolder: string): Promise<void>
}

/** Name of the folder that an installed state lies in. */
export function stateFolderName({ index, term }: AppliedPosition): string {
  return `state-${index}-${term}`
}

/**
 * Path of the state that counts: that which the log names, `state` when it names none. Throws `CorruptStore` when it is
 * missing and something says that it must have been there.
 */
export async function liveStateFolder(dataFolder: string, named: string): Promise<string> {
  const folders = await stateFolders(dataFolder)
  const name = named === '' ? FIRST_STATE_FOLDER : named
  if (!STATE_FOLDER.test(name)) throw new CorruptStore(dataFolder, 'the log', undefined, `it names the state "${name}"`)
  if (folders.includes(name)) return join(dataFolder, name)
  if (named !== '') throw new CorruptStore(dataFolder, name, undefined, 'it is missing, but the log names it')
  const [other] = folders
  if (other !== undefined) {
    const what = `it is missing, but ${other} is there, which a restore that was cut short or a lost log leaves behind`
    throw new CorruptStore(dataFolder, name, undefined, what)
  }
  return join(dataFolder, name)
}

/** Removes every state but the live one: what an install left behind, before or after the log named another. */
export async function removeOtherStates(dataFolder: string, live: string): Promise<void> {
  for (const name of await stateFolders(dataFolder)) {
    const path = join(await realpath(dataFolder), name)
    if (name !== basename(live) && !openPaths.has(path)) await removeState(dataFolder, path)
  }
}

/** Removes the folder of a state that nobody has open. */
export async function removeState(dataFolder: string, path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
    await syncFolder(dataFolder)
  } catch (cause) {
    throw new StorageFailed(dataFolder, `removing ${path}`, cause)
  }
}

async function stateFolders(dataFolder: string): Promise<string[]> {
  try {
    const names = (await readdir(dataFolder)).filter((name) => STATE_FOLDER.test(name)).sort()
    const folders: string[] = []
    for (const name of names) if ((await stat(join(dataFolder, name))).isDirectory()) folders.push(name)
    return folders
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new StorageFailed(dataFolder, 'listing its states', cause)
  }
}
