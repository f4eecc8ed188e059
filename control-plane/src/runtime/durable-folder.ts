import { constants } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Makes a folder, and those above it that are missing, so that a loss of power does not take their names away again. */
export async function makeFolderDurably(path: string, mode = 0o777): Promise<void> {
  const first = await makeFolder(path, mode)
  if (first === undefined) return
  const top = dirname(resolve(first))
  for (let at = resolve(path); at !== top && at !== dirname(at); ) {
    at = dirname(at)
    await syncFolder(at).catch(ignoreUnreadable)
  }
}

/**
 * Makes a folder, and those above it that are missing; gives the topmost one made. Node's own recursion never ends where
 * a parent is there and nothing can be made in it, as in `/proc`.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' || dirname(path) === path) return refuseUnlessFolder(path, error)
  }
  const top = await makeFolder(dirname(path), mode)
  await mkdir(path, { mode }).catch((error: unknown) => refuseUnlessFolder(path, error))
  return top ?? path
}

/** Somebody else may have made it; whatever else is in the way is the error itself. */
async function refuseUnlessFolder(path: string, error: unknown): Promise<undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) throw error
}

/** Makes creations, renames and removals in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; NTFS journals names by itself.
  if (process.platform === 'win32') return
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Who may make a folder in another one need not be allowed to read that one; then its names cannot be synced. */
function ignoreUnreadable(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
}
