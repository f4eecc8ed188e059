import { described } from './history.ts'
import type { Item, Items } from './items.ts'
import { after, type Held, impossible, type Indexes, isReadOnly } from './register.ts'

export interface Budget {
  stepsMax: number
  /** Asked now and then: true ends the search without an answer. */
  isOver: () => boolean
}

export type Found = { kind: 'order' } | { kind: 'none'; why: string } | { kind: 'gave-up' }

/** A step of the search: one operation takes effect, perhaps right after one whose outcome nobody knows. */
interface Move {
  item: number
  may: number | undefined
}

interface Frame {
  moves: Move[]
  next: number
  held: Held
  /** The move that led here. */
  by: Move | undefined
}

const ASK_EVERY = 4096

/**
 * Looks for an order of the operations of one key that explains all answers (Wing and Gong 1993, with Lowe's memory of
 * places that were tried). Three things keep it short and lose nothing: what only reads and fits is taken at once; writes
 * with known indexes take effect in the order of the log; a write that nobody ever saw is tried only right before an
 * answer that is impossible without it.
 */
export class Search {
  steps = 0
  readonly #must: Item[]
  readonly #may: Item[]
  readonly #order: number[]
  readonly #indexes: Indexes
  readonly #done: Uint8Array
  readonly #used = new Set<number>()
  readonly #tried = new Set<string>()
  #count = 0
  /** All before it are done. */
  #low = 0
  /** How many writes with a known index are done. */
  #written = 0
  #deepest = -1
  #why = ''

  constructor({ must, may, order }: Items, indexes: Indexes) {
    this.#must = must
    this.#may = may
    this.#order = order
    this.#indexes = indexes
    this.#done = new Uint8Array(must.length)
  }

  run({ stepsMax, isOver }: Budget): Found {
    const frames: Frame[] = [this.#frame(undefined, undefined)]
    for (;;) {
      if (this.#count === this.#must.length) return { kind: 'order' }
      const top = frames.at(-1)
      if (top === undefined) return { kind: 'none', why: this.#why }
      const move = top.moves[top.next++]
      if (move === undefined) {
        frames.pop()
        if (top.by) this.#undo(top.by)
        continue
      }
      if (++this.steps > stepsMax || (this.steps % ASK_EVERY === 0 && isOver())) return { kind: 'gave-up' }
      const held = this.#do(move, top.held)
      const place = this.#place(held)
      if (this.#tried.has(place)) this.#undo(move)
      else {
        this.#tried.add(place)
        frames.push(this.#frame(held, move))
      }
    }
  }

  #frame(held: Held, by: Move | undefined): Frame {
    return { moves: this.#moves(held), next: 0, held, by }
  }

  #moves(held: Held): Move[] {
    const { candidates, bound } = this.#candidates()
    const moves: Move[] = []
    const stuck: number[] = []
    for (const item of candidates) {
      const { operation } = this.#must[item] as Item
      if (after(operation, held, this.#indexes) === impossible) stuck.push(item)
      else if (isReadOnly(operation)) return [{ item, may: undefined }]
      else moves.push({ item, may: undefined })
    }
    for (const item of stuck) moves.push(...this.#helped(item, held, bound))
    if (moves.length === 0) this.#explain(held, bound)
    return moves
  }

  /** An operation right after one that nobody saw. Of those that do the same, the one called first stands for all: each that may be now may be later. */
  #helped(item: number, held: Held, bound: number): Move[] {
    const moves: Move[] = []
    const kinds = new Set<string>()
    for (const [may, { operation, call }] of this.#may.entries()) {
      if (call > bound) break
      const { input } = operation
      const kind = input.kind === 'cas' ? `cas ${input.expect}` : input.kind
      if (this.#used.has(may) || kinds.has(kind)) continue
      kinds.add(kind)
      const between = after(operation, held, this.#indexes)
      if (between === impossible) continue
      if (after((this.#must[item] as Item).operation, between, this.#indexes) !== impossible) moves.push({ item, may })
    }
    return moves
  }

  /** What may be next: called before any that is not done ended. A write with a known index waits for those before it in the log. */
  #candidates(): { candidates: number[]; bound: number } {
    const candidates: number[] = []
    let bound = Infinity
    for (let i = this.#low; i < this.#must.length; i++) {
      if (this.#done[i] === 1) continue
      const { call, end, index } = this.#must[i] as Item
      if (call > bound) break
      bound = Math.min(bound, end)
      if (index === undefined || this.#order[this.#written] === i) candidates.push(i)
    }
    return { candidates, bound }
  }

  #do({ item, may }: Move, held: Held): Held {
    const first = may === undefined ? held : this.#effect(this.#may[may] as Item, held)
    if (may !== undefined) this.#used.add(may)
    this.#done[item] = 1
    this.#count++
    if (this.#must[item]?.index !== undefined) this.#written++
    while (this.#done[this.#low] === 1) this.#low++
    return this.#effect(this.#must[item] as Item, first)
  }

  #effect({ operation }: Item, held: Held): Held {
    const next = after(operation, held, this.#indexes)
    if (next === impossible) throw new Error(`a move that is none: ${described(operation)}`)
    return next
  }

  #undo({ item, may }: Move): void {
    if (may !== undefined) this.#used.delete(may)
    this.#done[item] = 0
    this.#count--
    if (this.#must[item]?.index !== undefined) this.#written--
    this.#low = Math.min(this.#low, item)
  }

  /** Where the search stands, in few characters: what is done beyond the first that is not, what was used up, what is held. */
  #place(held: Held): string {
    let ahead = ''
    for (let i = this.#low, left = this.#count - this.#low; left > 0; i++) {
      ahead += this.#done[i] === 1 ? '1' : '0'
      if (this.#done[i] === 1) left--
    }
    const used = this.#used.size === 0 ? '' : [...this.#used].sort((a, b) => a - b).join()
    return `${this.#low}:${ahead}:${used}:${held ?? '\u0000'}`
  }

  #explain(held: Held, bound: number): void {
    if (this.#count <= this.#deepest) return
    this.#deepest = this.#count
    const due = this.#must.filter(({ call }, i) => this.#done[i] === 0 && call <= bound)
    const stuck = due.map(({ operation }) => described(operation)).join('; ')
    this.#why = `after ${this.#count} operations it holds ${held ?? 'nothing'}, and none of these can be next: ${stuck}`
  }
}
