import type { Clock } from '../runtime/clock.ts'
import type { StorageError } from './storage-errors.ts'
import type { Store } from './store.ts'

export interface LevelStoreOptions {
  /** Where LevelDB keeps its files; nothing else lives there. Made when it is missing. */
  folder: string
  clock: Clock
  /** Called once, when a write has failed: the node has to stop. */
  onFatal: (error: StorageError) => void
}

/** Opens the store in a folder, after verifying every file. Throws a `StorageError`. */
export async function openLevelStore(options: LevelStoreOptions): Promise<Store> {
  throw new Error(`not opened: ${options.folder}`)
}
