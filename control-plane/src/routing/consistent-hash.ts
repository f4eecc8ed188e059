import { hashText } from './hash.ts'
import type { Roster } from './roster.ts'

/** Keys whose place is remembered per set of executors … */
const REMEMBERED_MAX = 10_000
/** … if they have no more characters than this: a key may hold a whole parameter. */
const REMEMBERED_CHARS_MAX = 100

/**
 * The executor with the greatest score for a key, by weighted rendezvous hashing: of n executors one that comes or goes
 * takes or gives up its own share of the keys, 1/n, and no key moves between the others. While that one has no room,
 * the key goes to the next by score.
 */
export function consistentHash(roster: Roster, key: string): number | undefined {
  const home = homeOf(roster, key)
  if (home === undefined || roster.free.has(home)) return home
  return greatest(roster, key, (place) => roster.free.has(place))
}

function homeOf(roster: Roster, key: string): number | undefined {
  const known = roster.memo.get(key)
  if (known !== undefined) return known
  const home = greatest(roster, key, () => true)
  if (roster.memo.size >= REMEMBERED_MAX) roster.memo.clear()
  if (home !== undefined && key.length <= REMEMBERED_CHARS_MAX) roster.memo.set(key, home)
  return home
}

/** weight ÷ −ln(u) is greatest where u is, as long as weights are equal: the logarithm is taken once for each weight. */
function greatest(roster: Roster, key: string, counts: (place: number) => boolean): number | undefined {
  const { first, second, weights, classes } = roster.scoring
  const seed = hashText(key, 0)
  const most = new Float64Array(weights.length).fill(-1)
  const places = new Int32Array(weights.length)
  for (let place = 0; place < first.length; place++) {
    if (!counts(place)) continue
    const score = scoreOf(first[place] ?? 0, second[place] ?? 0, seed)
    const at = classes[place] ?? 0
    if (score <= (most[at] ?? 0)) continue
    most[at] = score
    places[at] = place
  }
  let best: number | undefined
  let bestScore = Number.NEGATIVE_INFINITY
  for (let at = 0; at < weights.length; at++) {
    const score = most[at] ?? -1
    if (score < 0) continue
    const weighted = (weights[at] ?? 0) / -Math.log((score + 0.5) / 0x1_0000_0000)
    if (weighted <= bestScore) continue
    bestScore = weighted
    best = places[at]
  }
  return best
}

/** 32 bits of executor and key. */
function scoreOf(first: number, second: number, seed: number): number {
  let hash = Math.imul(first ^ seed, 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4_eb2f)
  return (hash ^ (hash >>> 16)) >>> 0
}
