import type { Consensus } from '../cluster/consensus.ts'
import type { Clock } from '../runtime/clock.ts'

/** How long a read waits for this node to be as far as it asks, in milliseconds. */
export const WAIT_MS = 5000

/** What a read may say of the state that it is answered from. */
export interface AskedState {
  'min-index'?: number
  consistency?: 'local' | 'linearizable'
}

/** Whether a read asks for more than what this node happens to have applied. */
export function asksForMore(query: object): query is AskedState {
  const { 'min-index': index, consistency } = query as AskedState
  return index !== undefined || consistency === 'linearizable'
}

/**
 * Resolves once this node has applied what a read asks for: an index, or all that was acknowledged anywhere before the
 * read came, which a majority has to confirm. Rejects with a Problem when that is not so in time.
 */
export async function caughtUp(
  { clock, consensus }: { clock: Clock; consensus: Pick<Consensus, 'readIndex' | 'waitApplied'> },
  { 'min-index': index = 0, consistency }: AskedState,
): Promise<void> {
  const until = clock.monotonic() + WAIT_MS
  const confirmed = consistency === 'linearizable' ? await consensus.readIndex() : 0
  await consensus.waitApplied(Math.max(index, confirmed), Math.max(1, until - clock.monotonic()))
}
