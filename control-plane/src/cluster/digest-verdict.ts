/** Digest of a state at an index of the log. */
export interface DigestAt {
  index: number
  digest: number
}

/** At an index, states differ: `right` is the digest of those who are believed, `wrong` are the others; without it nobody can say. */
export interface Divergence {
  index: number
  members: string[]
  right?: number
  wrong: string[]
}

/**
 * Holds the digests of members against each other, and says whose state is not that of the others: those who differ
 * from what more than half of the members have; of only two members the one that does not lead. The newest index counts
 * at which it can be said.
 */
export function divergence(
  rings: ReadonlyMap<string, readonly DigestAt[]>,
  leader: string,
  memberCount: number,
): Divergence | undefined {
  const byIndex = new Map<number, Map<string, number>>()
  for (const [member, ring] of rings) {
    for (const { index, digest } of ring) {
      const known = byIndex.get(index) ?? new Map<string, number>()
      byIndex.set(index, known.set(member, digest))
    }
  }
  let undecided: Divergence | undefined
  for (const index of [...byIndex.keys()].sort((a, b) => b - a)) {
    const known = byIndex.get(index)!
    if (new Set(known.values()).size < 2) continue
    const members = [...known.keys()]
    const right = believed(known, leader, memberCount)
    if (right === undefined) undecided ??= { index, members, wrong: [] }
    else return { index, members, right, wrong: members.filter((member) => known.get(member) !== right) }
  }
  return undecided
}

function believed(known: ReadonlyMap<string, number>, leader: string, memberCount: number): number | undefined {
  if (memberCount === 2) return known.get(leader)
  const counts = new Map<number, number>()
  for (const digest of known.values()) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  return [...counts].find(([, count]) => count > memberCount / 2)?.[0]
}
