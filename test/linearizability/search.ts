import { described } from './history.ts'
import type { Item, Items } from './items.ts'
import { after, type Held, impossible, type Indexes, isReadOnly } from './register.ts'
import { Unseen, type UnseenWrite, type Used } from './unseen.ts'

export interface Budget {
  stepsMax: number
  /** Asked now and then: true ends the search without an answer. */
  isOver: () => boolean
}

export type Found = { kind: 'order' } | { kind: 'none'; why: string } | { kind: 'gave-up' }

/** A step of the search: one operation takes effect, perhaps right after one whose outcome nobody knows. */
interface Move {
  item: number
  unseen?: UnseenWrite
}

interface Frame {
  moves: Move[]
  next: number
  held: Held
  /** The move that led here. */
  by: Move | undefined
}

const ASK_EVERY = 1024

/**
 * Looks for an order of the operations of one key that explains all answers (Wing and Gong 1993, with Lowe's memory of
 * places that were tried, 2017). Four things keep it short and lose nothing: what only reads and fits is taken at once;
 * writes with known indexes take effect in the order of the log; a write that nobody ever saw is tried only right before an
 * answer that is impossible without it; and a place is not tried again with more such writes used up than before.
 */
export class Search {
  steps = 0
  readonly #must: Item[]
  readonly #order: number[]
  readonly #indexes: Indexes
  readonly #unseen: Unseen
  readonly #unseenValues: ReadonlySet<string>
  readonly #done: Uint8Array
  readonly #tried = new Map<string, Used[]>()
  #count = 0
  /** All before it are done. */
  #low = 0
  /** How many writes with a known index are done. */
  #written = 0
  #deepest = -1
  #why = ''

  constructor({ must, may, order }: Items, indexes: Indexes) {
    this.#must = must
    this.#order = order
    this.#indexes = indexes
    this.#unseen = new Unseen(may, indexes)
    this.#unseenValues = new Set(may.flatMap(({ operation: { input } }) => ('value' in input ? [input.value] : [])))
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
      if (this.#isNew(held)) frames.push(this.#frame(held, move))
      else this.#undo(move)
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
      else if (isReadOnly(operation)) return [{ item }]
      else moves.push({ item })
    }
    if (stuck.length > 0) {
      for (const unseen of this.#unseen.next(held, bound)) {
        const between = this.#effect(unseen.item, held)
        for (const item of stuck) {
          const { operation } = this.#must[item] as Item
          if (after(operation, between, this.#indexes) !== impossible) moves.push({ item, unseen })
        }
      }
    }
    if (moves.length === 0) this.#explain(held, bound)
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

  #do({ item, unseen }: Move, held: Held): Held {
    const before = unseen ? this.#effect(unseen.item, held) : held
    if (unseen) this.#unseen.take(unseen, 1)
    this.#done[item] = 1
    this.#count++
    if (this.#must[item]?.index !== undefined) this.#written++
    while (this.#done[this.#low] === 1) this.#low++
    return this.#effect(this.#must[item] as Item, before)
  }

  #effect({ operation }: Item, held: Held): Held {
    const next = after(operation, held, this.#indexes)
    if (next === impossible) throw new Error(`a move that is none: ${described(operation)}`)
    return next
  }

  #undo({ item, unseen }: Move): void {
    if (unseen) this.#unseen.take(unseen, -1)
    this.#done[item] = 0
    this.#count--
    if (this.#must[item]?.index !== undefined) this.#written--
    this.#low = Math.min(this.#low, item)
  }

  /** Whether nothing at least as good was tried: the same place with no more used up. */
  #isNew(held: Held): boolean {
    const { puts, creates, deletes } = this.#unseen.used
    const place = this.#place(held)
    const tried = this.#tried.get(place)
    if (tried?.some((one) => one.puts <= puts && one.creates <= creates && one.deletes <= deletes)) return false
    if (tried) tried.push({ puts, creates, deletes })
    else this.#tried.set(place, [{ puts, creates, deletes }])
    return true
  }

  /** Where the search stands, in few characters: what is done beyond the first that is not, and what is held. */
  #place(held: Held): string {
    let ahead = ''
    for (let i = this.#low, left = this.#count - this.#low; left > 0; i++) {
      ahead += this.#done[i] === 1 ? '1' : '0'
      if (this.#done[i] === 1) left--
    }
    // Values that nobody saw are all alike.
    const value = held === undefined ? '\u0000' : this.#unseenValues.has(held) ? '\u0001' : held
    return `${this.#low}:${ahead}:${value}`
  }

  #explain(held: Held, bound: number): void {
    if (this.#count <= this.#deepest) return
    this.#deepest = this.#count
    const due = this.#must.filter(({ call }, i) => this.#done[i] === 0 && call <= bound)
    const stuck = due.map(({ operation }) => described(operation)).join('; ')
    this.#why = `after ${this.#count} operations it holds ${held ?? 'nothing'}, and none of these can be next: ${stuck}`
  }
}
