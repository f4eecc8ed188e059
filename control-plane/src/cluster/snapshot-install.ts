import { assert } from '../runtime/assert.ts'
import { loadState } from '../state/image.ts'
import type { State } from '../state/state.ts'
import type { StateFolders } from '../store/state-folders.ts'
import type { ReceivedState } from '../store/state-import.ts'
import type { Replaceable, SwitchableStore } from '../store/switchable-store.ts'
import type { HardState, Wal } from '../wal/wal.ts'
import { encodeMembership } from './membership-codec.ts'

export type { StateFolders }

export interface InstallDeps<S extends Replaceable> {
  wal: Pick<Wal, 'installSnapshot'>
  store: SwitchableStore<S>
  /** The memory of the node; filled anew in one turn, together with the change of the store. */
  state: State
  states: StateFolders<S>
  /** Called in that same turn, after both: makes what hangs on them anew, the image first of all. */
  onInstalled(): void
}

/**
 * Puts a received state in the place of the present one while the node runs. The one point at which it takes effect is the
 * record in the log: a crash before it finds the old state, one after it the new one. Nothing is applied meanwhile, which
 * is the caller's to see to; reads go on, each on the state that it began with. What it throws is for the node to stop
 * on: whether the record is there, the next start finds out. `cleaned` resolves when the old state is closed, which waits
 * for its readers, and removed.
 */
export async function installState<S extends Replaceable>(
  deps: InstallDeps<S>,
  received: ReceivedState,
  hardState: HardState,
): Promise<{ cleaned: Promise<void> }> {
  const { wal, store, state, states } = deps
  const { position, stateFolder } = received
  assert(position.index > state.index, 'a snapshot never moves anything back')
  assert(position.membership, 'a state that is installed says who takes part')
  const next = await states.open(stateFolder)
  let loaded: State
  try {
    assert(next.applied.index === position.index, 'the state is the one that was received')
    loaded = await loadState(next)
    const { index, term } = position
    const membership = encodeMembership(position.membership)
    // A node that joined without a log becomes one of this cluster by it.
    const { cluster } = received.header
    const stamp = cluster === '' ? {} : { cluster }
    await wal.installSnapshot({ index, term, membership, stateFolder, hardState, ...stamp })
  } catch (error) {
    await next.abandon().catch(() => undefined)
    throw error
  }
  // From here to `onInstalled` in one turn: nobody sees the one without the other.
  const closed = store.swap(next)
  Object.assign(state, loaded)
  deps.onInstalled()
  return { cleaned: closed.then(() => states.keepOnly(stateFolder)) }
}
