import type { Message } from '../raft/types.ts'
import { assert } from '../runtime/assert.ts'
import type { Wal } from '../wal/wal.ts'
import { voteText } from './member-id.ts'

/**
 * Holds every answer, also one to this member itself, against what is durable at the moment it leaves: acknowledged
 * entries, a vote that was given, and the term of either. An answer of a term that is over counts nowhere.
 */
export function assertDurable(message: Message, wal: Pick<Wal, 'hardState' | 'lastIndex'>): void {
  const { type } = message
  if (type !== 'append-response' && type !== 'vote-response') return
  const { term, vote } = wal.hardState
  if (message.term < term) return
  assert(message.term === term, 'a term is durable before it is answered in')
  if (message.rejected) return
  if (message.type === 'append-response')
    assert(message.index <= wal.lastIndex, 'an entry is durable before it is acknowledged')
  else assert(vote === voteText(message.to), 'a vote is durable before it is given')
}
