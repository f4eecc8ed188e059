import type { Index, MemberId } from './types.ts'

/** What the votes so far say; `pending` while those missing can still turn it. */
export type VoteResult = 'won' | 'lost' | 'pending'

/** Room for one reading of the match indexes, so that an acknowledgement allocates nothing. */
const scratch: Index[] = []

/**
 * The highest index that a majority holds, in both halves while a configuration is joint (dissertation §4.3).
 * An empty half agrees to everything: `Infinity` where there is nobody at all.
 */
export function committedIndex(
  voters: readonly MemberId[],
  outgoing: readonly MemberId[],
  match: (id: MemberId) => Index | undefined,
): Index {
  const incoming = majorityIndex(voters, match)
  return outgoing.length === 0 ? incoming : Math.min(incoming, majorityIndex(outgoing, match))
}

/** Whether a majority said yes, in both halves while a configuration is joint; an empty half is won. */
export function voteResult(
  voters: readonly MemberId[],
  outgoing: readonly MemberId[],
  vote: (id: MemberId) => boolean | undefined,
): VoteResult {
  const incoming = majorityVote(voters, vote)
  if (outgoing.length === 0) return incoming
  const leaving = majorityVote(outgoing, vote)
  if (incoming === leaving) return incoming
  return incoming === 'lost' || leaving === 'lost' ? 'lost' : 'pending'
}

/** Counts instead of sorting: with at most a few voters, comparing all with all is the cheaper way. */
function majorityIndex(voters: readonly MemberId[], match: (id: MemberId) => Index | undefined): Index {
  const n = voters.length
  if (n === 0) return Number.POSITIVE_INFINITY
  for (let i = 0; i < n; i++) scratch[i] = match(voters[i] as MemberId) ?? 0
  const needed = Math.floor(n / 2) + 1
  let best = 0
  for (let i = 0; i < n; i++) {
    const candidate = scratch[i] as Index
    if (candidate > best && countAtLeast(candidate, n) >= needed) best = candidate
  }
  return best
}

function countAtLeast(index: Index, n: number): number {
  let count = 0
  for (let i = 0; i < n; i++) if ((scratch[i] as Index) >= index) count++
  return count
}

function majorityVote(voters: readonly MemberId[], vote: (id: MemberId) => boolean | undefined): VoteResult {
  const needed = Math.floor(voters.length / 2) + 1
  let yes = 0
  let open = 0
  for (const id of voters) {
    const said = vote(id)
    if (said === undefined) open++
    else if (said) yes++
  }
  if (voters.length === 0 || yes >= needed) return 'won'
  return yes + open >= needed ? 'pending' : 'lost'
}
