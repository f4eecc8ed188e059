import type { Consensus } from '../cluster/consensus.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Operation } from './document.ts'
import type { OperationId } from './handlers.ts'

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

/** Changes that are judged where they are applied alone, or that change nothing that is replicated. */
const NOT_PREPARED: ReadonlySet<OperationId> = new Set([
  'createSession',
  'deleteSession',
  'createLoginCode',
  'previewSchedules',
  'putKey',
  'deleteKey',
  'grantLease',
  'keepLease',
  'revokeLease',
  'pollExecutor',
])

/** Whether an operation judges a change by what this node has applied: then it must know what was acknowledged before. */
export function preparesChange({ id, method, scope }: Pick<Operation, 'id' | 'method' | 'scope'>): boolean {
  return method.toUpperCase() !== 'GET' && scope !== 'attempt' && scope !== 'public' && !NOT_PREPARED.has(id)
}

/** Resolves once this node knows what was acknowledged anywhere before: at once on the leader, which acknowledges. */
export async function abreast(context: {
  clock: Clock
  consensus: Pick<Consensus, 'leadership' | 'readIndex' | 'waitApplied'>
}): Promise<void> {
  const { isLeader, leader } = context.consensus.leadership()
  // Without a leader there is no change either, as whoever proposes it is told at once.
  if (!isLeader && leader !== undefined) await caughtUp(context, { consistency: 'linearizable' })
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
