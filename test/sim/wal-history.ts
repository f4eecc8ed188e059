import type { HardState, Wal, WalRecord } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import type { Witness } from './wal-witness.ts'

/** How often each kind of change was made. */
export interface Tally {
  appends: number
  overwrites: number
  /** Overwrites that begin in the segment before the last one, or earlier. */
  farOverwrites: number
  installs: number
  votes: number
}

export function emptyTally(): Tally {
  return { appends: 0, overwrites: 0, farOverwrites: 0, installs: 0, votes: 0 }
}

/**
 * Works like the log of a member whose leaders come and go: appends of several sizes, new terms, votes, commits that lag
 * behind, suffixes that another leader overwrites, installed snapshots, compaction. Segments end in the middle of some.
 */
export async function work(
  wal: Wal,
  witness: Witness,
  appends: number,
  seed: number,
  tally: Tally = emptyTally(),
): Promise<void> {
  const random = new SeededRandom(seed)
  for (let i = 0; i < appends; i++) {
    const what = wal.hardState.term === 0 ? 0.2 : random.next()
    if (what < 0.04) await install(wal, witness, random, tally)
    else if (what < 0.2) await overwrite(wal, witness, random, tally)
    else if (what < 0.32) await vote(wal, witness, random, tally)
    else await append(wal, witness, random, tally)
    if (i % 8 === 7) await witness.compact(wal, Math.max(witness.keptFrom, wal.hardState.commit - 12))
  }
}

async function append(wal: Wal, witness: Witness, random: SeededRandom, tally: Tally): Promise<void> {
  tally.appends++
  const first = wal.lastIndex + 1
  // Now and then so much at once that a segment ends in the middle of it.
  const large = random.chance(0.08)
  const records = recordsFrom(first, wal.hardState.term, large ? 12 : random.integer(0, 5), random)
  const last = wal.lastIndex + records.length
  if (large) await witness.append(wal, records, { ...wal.hardState, commit: last })
  else await witness.append(wal, records, random.chance(0.4) ? committing(wal, last, random) : undefined)
}

/** A leader of a new term has another suffix. */
async function overwrite(wal: Wal, witness: Witness, random: SeededRandom, tally: Tally): Promise<void> {
  const { commit, term } = wal.hardState
  const from = Math.max(commit, wal.firstIndex - 1) + 1
  if (from > wal.lastIndex) return
  const first = random.chance(0.3)
    ? from
    : random.integer(Math.max(from, wal.lastIndex - random.pick([1, 40])), wal.lastIndex)
  tally.overwrites++
  if (first < wal.indexOfLast(1)) tally.farOverwrites++
  const records = recordsFrom(first, term + 1, random.integer(1, 4), random)
  await witness.append(wal, records, { term: term + 1, vote: '', commit })
}

async function vote(wal: Wal, witness: Witness, random: SeededRandom, tally: Tally): Promise<void> {
  tally.votes++
  const { term, vote: old, commit } = wal.hardState
  const next = random.chance(0.5) && old === '' ? term : term + 1
  await witness.append(wal, [], { term: next, vote: `n${random.integer(1, 9)}`, commit })
}

async function install(wal: Wal, witness: Witness, random: SeededRandom, tally: Tally): Promise<void> {
  tally.installs++
  const { term, commit, vote: old } = wal.hardState
  const index = random.integer(commit, Math.max(commit, wal.lastIndex) + 5)
  const hardState: HardState = { term, vote: old, commit: index }
  const membership = random.bytes(random.integer(0, 60))
  const last = wal.termAt(index) ?? term
  await witness.install(wal, { index, term: last, membership, stateFolder: `state-${index}`, hardState })
}

/** The present state with a commit that lags behind, often far enough for overwrites to reach back over segments. */
function committing(wal: Wal, lastIndex: number, random: SeededRandom): HardState {
  const { hardState } = wal
  const lag = random.chance(0.2) ? 0 : random.integer(0, 30)
  return { ...hardState, commit: Math.max(hardState.commit, lastIndex - lag) }
}

function recordsFrom(first: number, term: number, count: number, random: SeededRandom): WalRecord[] {
  return Array.from({ length: count }, (_, at) => ({
    index: first + at,
    term,
    payload: random.bytes(random.integer(0, 239)),
  }))
}
