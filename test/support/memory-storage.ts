import { entryBytes } from '../../control-plane/src/raft/log.ts'
import { EMPTY_MEMBERSHIP } from '../../control-plane/src/raft/membership.ts'
import type {
  Entry,
  HardState,
  Index,
  Membership,
  Snapshot,
  Storage,
  Term,
  Unavailable,
} from '../../control-plane/src/raft/types.ts'

/** A durable log that forgets with its process, and does at once what it is told. */
export class MemoryStorage implements Storage {
  hardState: HardState = { term: 0, vote: 0, commit: 0 }
  /** Entries stand on disk only: reading them says `fetching` until they are fetched. */
  slow = false
  readonly #newest: (() => Snapshot) | undefined
  #snapshot: Snapshot = { index: 0, term: 0, membership: EMPTY_MEMBERSHIP }
  #offset = { index: 0, term: 0 }
  #entries: Entry[] = []

  /** @param newest the state that a follower could be sent. Without it, the last one installed. */
  constructor(newest?: () => Snapshot) {
    this.#newest = newest
  }

  initialState(): { hardState: HardState; membership: Membership } {
    return { hardState: { ...this.hardState }, membership: this.#snapshot.membership }
  }

  firstIndex(): Index {
    return this.#offset.index + 1
  }

  lastIndex(): Index {
    return this.#offset.index + this.#entries.length
  }

  term(index: Index): Term | Unavailable {
    if (index < this.#offset.index) return 'compacted'
    if (index === this.#offset.index) return this.#offset.term
    return this.#at(index)?.term ?? 'beyond-end'
  }

  entries(from: Index, to: Index, bytesMax: number): Entry[] | Unavailable {
    if (from <= this.#offset.index) return 'compacted'
    if (to > this.lastIndex() + 1) return 'beyond-end'
    if (this.slow) return 'fetching'
    return limited(this.#entries.slice(from - this.firstIndex(), to - this.firstIndex()), bytesMax)
  }

  snapshot(): Snapshot | 'fetching' {
    return this.#newest?.() ?? this.#snapshot
  }

  /** All that is in the log, whatever it costs to read. */
  all(): Entry[] {
    return [...this.#entries]
  }

  /** Overwrites from the first entry's index on. What a snapshot already stands for is left out. */
  append(entries: readonly Entry[]): void {
    const kept = entries.filter(({ index }) => index > this.#offset.index)
    const [first] = kept
    if (first === undefined) return
    if (first.index > this.lastIndex() + 1) throw new Error(`a hole before ${first.index} in the log`)
    this.#entries = [...this.#entries.slice(0, first.index - this.firstIndex()), ...kept]
  }

  /** Puts a received state in the place of the whole log. */
  install(snapshot: Snapshot): void {
    if (snapshot.index <= this.#snapshot.index) throw new Error(`a snapshot at ${snapshot.index} is out of date`)
    this.#snapshot = snapshot
    this.#offset = { index: snapshot.index, term: snapshot.term }
    this.#entries = []
  }

  /** Makes a state of the host's the one to start from and to send; the log stays. */
  take(snapshot: Snapshot): void {
    this.#snapshot = snapshot
  }

  /** Drops entries up to and with `index`. */
  compact(index: Index): void {
    const term = this.term(index)
    if (index <= this.#offset.index) throw new Error('requested index is unavailable due to compaction')
    if (typeof term !== 'number') throw new Error(`compact ${index} is out of bound lastindex(${this.lastIndex()})`)
    this.#entries = this.#entries.slice(index - this.#offset.index)
    this.#offset = { index, term }
  }

  #at(index: Index): Entry | undefined {
    return this.#entries[index - this.firstIndex()]
  }
}

/** As many as fit, at least one. */
function limited(entries: Entry[], bytesMax: number): Entry[] {
  let bytes = 0
  const end = entries.findIndex((entry, at) => {
    bytes += entryBytes(entry)
    return at > 0 && bytes > bytesMax
  })
  return end < 0 ? entries : entries.slice(0, end)
}
