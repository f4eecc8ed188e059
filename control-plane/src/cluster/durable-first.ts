import type { Message } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import type { Wal } from '../wal/wal.ts'
import { voteText } from './member-id.ts'

/**
 * Holds every answer, also one to this member itself, against what is durable at the moment it leaves: acknowledged
 * entries, a vote that was given, and the term of either. False for an answer of a term that is over: what it says may
 * have been replaced since, and it counts nowhere, so it need not leave.
 */
export function mayLeave(message: Message, wal: Pick<Wal, 'hardState' | 'lastIndex'>): boolean {
  const { type } = message
  if (type !== 'append-response' && type !== 'vote-response') return true
  const { term, vote } = wal.hardState
  if (message.term < term) return false
  assert(message.term === term, 'a term is durable before it is answered in')
  if (message.rejected) return true
  if (message.type === 'append-response')
    assert(message.index <= wal.lastIndex, 'an entry is durable before it is acknowledged')
  else assert(vote === voteText(message.to), 'a vote is durable before it is given')
  return true
}
