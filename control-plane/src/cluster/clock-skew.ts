import type { MemberId } from '../raft/types.ts'

/** What the clocks of a majority of the voters say of this node's. */
export type ClockVerdict =
  /** Fewer than a majority, or nobody else, can be asked. */
  | { kind: 'unknown' }
  | { kind: 'agrees' }
  /** The clocks differ, and half of them are on either side: nobody can say which are right. */
  | { kind: 'undecided'; spreadMs: number }
  /** This clock is ahead of the median by so much (behind: negative); `nearest` is the voter whose clock is best, if one is good. */
  | { kind: 'skewed'; aheadMs: number; nearest: MemberId | undefined }

/**
 * Judges the wall clock of `self` by those of the voters, this one's among them where it votes. With an even number of
 * clocks everything between the middle two counts as the median, so that of two nodes neither is called wrong.
 */
export function judgeClock(
  self: MemberId,
  voters: readonly MemberId[],
  offsets: ReadonlyMap<MemberId, number>,
  maxSkewMs: number,
): ClockVerdict {
  const known = voters.flatMap((id) => {
    const offsetMs = id === self ? 0 : offsets.get(id)
    return offsetMs === undefined ? [] : [{ id, offsetMs }]
  })
  if (known.length < Math.floor(voters.length / 2) + 1 || known.every(({ id }) => id === self))
    return { kind: 'unknown' }
  const sorted = known.map(({ offsetMs }) => offsetMs).sort((a, b) => a - b)
  const median = { from: sorted[(sorted.length - 1) >> 1]!, to: sorted[sorted.length >> 1]! }
  const own = distance(0, median)
  if (Math.abs(own) > maxSkewMs) {
    const others = known
      .filter(({ id, offsetMs }) => id !== self && Math.abs(distance(offsetMs, median)) <= maxSkewMs)
      .sort((a, b) => Math.abs(distance(a.offsetMs, median)) - Math.abs(distance(b.offsetMs, median)))
    return { kind: 'skewed', aheadMs: own, nearest: others[0]?.id }
  }
  const spreadMs = median.to - median.from
  return spreadMs > maxSkewMs ? { kind: 'undecided', spreadMs } : { kind: 'agrees' }
}

/** By how much a clock is ahead of the median; 0 within it. */
function distance(offsetMs: number, { from, to }: { from: number; to: number }): number {
  if (offsetMs > to) return offsetMs - to
  return offsetMs < from ? offsetMs - from : 0
}
