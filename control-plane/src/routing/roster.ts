import type { Executor } from '../discovery/executor.ts'
import { FreeSet } from './free-set.ts'
import { type Scoring, scoringOf } from './scoring.ts'
import { smoothSequence } from './smooth-sequence.ts'
import { Tournament } from './tournament.ts'
import { WeightTree } from './weight-tree.ts'

/** Later than every fencing token. */
const AFTER_ALL = 2 ** 52

/** What strategies keep of a roster: computed when it is first asked for, and kept up to date from then on. */
interface Indexes {
  places?: Map<string, number>
  sequence?: Uint16Array
  weights?: WeightTree
  loads?: Tournament
  uses?: Tournament
  scoring?: Scoring
}

/**
 * The executors that the jobs with certain labels may be given to, by id, and which of them have room. What a strategy
 * looks up is made once per set; taking a place costs a logarithm of their number at most.
 */
export class Roster {
  /** Sorted by id; each takes work, slots and exclusions aside. */
  readonly members: readonly Executor[]
  readonly free: FreeSet
  /** What strategies remember about this very set, e.g. which key goes where. */
  readonly memo = new Map<string, number>()
  /** Shards held according to the state, and those given or freed since. */
  readonly #held: Int32Array
  readonly #given: Int32Array
  readonly #used: Float64Array
  readonly #excluded = new Set<number>()
  readonly #isOpen: (attempt: string) => boolean
  readonly #indexes: Indexes = {}
  #uses = 0

  /** `isOpen`: whether an attempt has not ended. */
  constructor(members: readonly Executor[], isOpen: (attempt: string) => boolean = () => false) {
    this.members = members
    this.#isOpen = isOpen
    this.free = new FreeSet(members.length)
    this.#held = Int32Array.from(members, ({ held }) => held)
    this.#given = new Int32Array(members.length)
    this.#used = Float64Array.from(members, ({ lastToken }) => lastToken ?? 0)
    for (let place = 0; place < members.length; place++) this.free.set(place, this.#hasRoom(place))
  }

  get size(): number {
    return this.members.length
  }

  placeOf(id: string): number | undefined {
    this.#indexes.places ??= new Map(this.members.map((executor, place) => [executor.id, place]))
    return this.#indexes.places.get(id)
  }

  /** The place of an executor if it has room. */
  freePlaceOf(id: string): number | undefined {
    const place = this.placeOf(id)
    return place !== undefined && this.free.has(place) ? place : undefined
  }

  /** Shards that a place holds, those just given included. */
  held(place: number): number {
    return (this.#held[place] ?? 0) + (this.#given[place] ?? 0)
  }

  /** Counts one shard more, or with −1 one less, than the state knows of. */
  give(place: number, shards = 1): void {
    this.#given[place] = (this.#given[place] ?? 0) + shards
    if (shards > 0) this.#used[place] = AFTER_ALL + ++this.#uses
    this.#refresh(place)
  }

  /** Reads a place anew from the state, and forgets what was given. */
  read(place: number): void {
    const executor = this.members[place]
    if (!executor) return
    this.#held[place] = executor.held
    this.#given[place] = 0
    this.#used[place] = executor.lastToken ?? 0
    this.#refresh(place)
  }

  /** What `choose` gives while these are out of the question. */
  without<T>(ids: Iterable<string>, choose: () => T): T {
    for (const id of ids) {
      const place = this.placeOf(id)
      if (place !== undefined) this.#excluded.add(place)
    }
    const excluded = [...this.#excluded]
    for (const place of excluded) this.#refresh(place)
    const chosen = choose()
    this.#excluded.clear()
    for (const place of excluded) this.#refresh(place)
    return chosen
  }

  /** One cycle of turns by weight. */
  get sequence(): Uint16Array {
    this.#indexes.sequence ??= smoothSequence(this.members.map(({ weight }) => weight))
    return this.#indexes.sequence
  }

  /** Hashes of the ids. */
  get scoring(): Scoring {
    this.#indexes.scoring ??= scoringOf(this.members)
    return this.#indexes.scoring
  }

  /** Weights of the free places. */
  get weights(): WeightTree {
    this.#indexes.weights ??= new WeightTree(this.members.map((_, place) => this.#weightOf(place)))
    return this.#indexes.weights
  }

  /** Free places by the room that they have for their weight. */
  get loads(): Tournament {
    this.#indexes.loads ??= new Tournament(this.members.map((_, place) => this.#loadOf(place)))
    return this.#indexes.loads
  }

  /** Free places by how long ago they were last used. */
  get uses(): Tournament {
    this.#indexes.uses ??= new Tournament(this.members.map((_, place) => this.#useOf(place)))
    return this.#indexes.uses
  }

  #refresh(place: number): void {
    this.free.set(place, this.#hasRoom(place) && !this.#excluded.has(place))
    const { weights, loads, uses } = this.#indexes
    weights?.set(place, this.#weightOf(place))
    loads?.set(place, this.#loadOf(place))
    uses?.set(place, this.#useOf(place))
  }

  /** An executor whose circuit breaker is half open gets one call, until it is known how that ended. */
  #hasRoom(place: number): boolean {
    const executor = this.members[place]
    if (!executor) return false
    const { breaker, slots } = executor
    if (slots > 0 && this.held(place) >= slots) return false
    if (!breaker) return true
    return breaker.state === 'half-open' && !this.#tries(breaker.trial) && (this.#given[place] ?? 0) <= 0
  }

  #tries(trial: string | undefined): boolean {
    return trial !== undefined && this.#isOpen(trial)
  }

  #weightOf(place: number): number {
    return this.free.has(place) ? (this.members[place]?.weight ?? 0) : 0
  }

  /** weight × free ÷ slots; without a limit weight ÷ (held + 1), which is jobpool's weighted average. */
  #loadOf(place: number): number {
    const executor = this.members[place]
    if (!executor || !this.free.has(place)) return Number.NEGATIVE_INFINITY
    const { weight, slots } = executor
    const held = this.held(place)
    return slots === 0 ? weight / (held + 1) : (weight * (slots - held)) / slots
  }

  #useOf(place: number): number {
    return this.free.has(place) ? -(this.#used[place] ?? 0) : Number.NEGATIVE_INFINITY
  }
}
