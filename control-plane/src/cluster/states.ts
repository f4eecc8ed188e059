import { basename, join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import type { StorageError } from '../runtime/storage-error.ts'
import { openLevelStore } from '../store/level.ts'
import type { LevelStore } from '../store/level-store.ts'
import { exportState } from '../store/state-export.ts'
import { liveStateFolder, removeOtherStates, removeState } from '../store/state-folders.ts'
import { importState, type ReceivedState } from '../store/state-import.ts'
import type { Store } from '../store/store.ts'
import type { Replaceable } from '../store/switchable-store.ts'
import type { StateFolders } from './snapshot-install.ts'
import type { OutgoingState } from './snapshot-transfer.ts'

/** The states of a node: the one that counts, those that are received, and those that go out. */
export interface States<S extends Replaceable> extends StateFolders<S> {
  /** Opens the state that counts, by the name that the log gives it; an empty name is the first state of all. */
  begin(named: string): Promise<{ store: S; stateFolder: string }>
  export(store: Pick<Store, 'durableView'>): Promise<OutgoingState>
  /** Writes a state of the cluster beside the one that counts; `cluster` is empty for a node that knows of none yet. */
  import(chunks: AsyncIterable<Uint8Array>, cluster: string): Promise<ReceivedState>
  discard(stateFolder: string): Promise<void>
}

/** The states in a data folder on disk. */
export function statesIn(
  dataFolder: string,
  deps: { clock: Clock; tzdata: string; onFatal: (error: StorageError) => void },
): States<LevelStore> {
  const open = (stateFolder: string) => openLevelStore({ folder: join(dataFolder, stateFolder), ...deps })
  const keepOnly = (stateFolder: string) => removeOtherStates(dataFolder, stateFolder)
  return {
    open,
    keepOnly,
    async begin(named) {
      const stateFolder = basename(await liveStateFolder(dataFolder, named))
      const store = await open(stateFolder)
      await keepOnly(stateFolder)
      return { store, stateFolder }
    },
    export: (store) => exportState(store, deps),
    import: (chunks, cluster) =>
      importState(dataFolder, chunks, {
        check(header) {
          if (cluster !== '' && header.cluster !== '' && header.cluster !== cluster) {
            throw new Error(`the state is that of cluster ${header.cluster}, not of ${cluster}`)
          }
        },
      }),
    discard: (stateFolder) => removeState(dataFolder, join(dataFolder, stateFolder)),
  }
}
