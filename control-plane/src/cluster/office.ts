import type { Clock } from '../runtime/clock.ts'
import type { Leadership } from './consensus.ts'

/** Who leads, with an abort signal per term in office, and those who want to hear of a change. */
export class Office {
  readonly #node: string
  readonly #listeners = new Set<(leadership: Leadership) => void>()
  #controller = new AbortController()
  #current: Leadership
  /** Changes of leader seen so far. */
  changes = 0

  constructor(node: string, term: number) {
    this.#node = node
    this.#controller.abort()
    this.#current = { term, leader: undefined, isLeader: false, signal: this.#controller.signal }
  }

  get current(): Leadership {
    return this.#current
  }

  /** This node leads, and has applied an entry of its own term. */
  take(term: number): void {
    if (this.#current.isLeader && this.#current.term === term) return
    this.#controller.abort()
    this.#controller = new AbortController()
    this.#change({ term, leader: this.#node, isLeader: true, signal: this.#controller.signal })
  }

  /** This node does not lead, or not yet; `leader` does, or nobody. Ends the term: its signal is aborted. */
  follow(term: number, leader: string | undefined): void {
    const { current } = this
    if (!current.isLeader && current.leader === leader && current.term === term) return
    this.#controller.abort()
    this.#change({ term, leader, isLeader: false, signal: this.#controller.signal })
  }

  onChange(listener: (leadership: Leadership) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Resolves once somebody else leads, with true, or with false after `withinMs`. */
  left(clock: Clock, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (left: boolean) => {
        stopListening()
        cancel()
        resolve(left)
      }
      const cancel = clock.after(withinMs, () => end(false))
      const stopListening = this.onChange(({ isLeader, leader }) => {
        if (!isLeader && leader !== undefined) end(true)
      })
    })
  }

  #change(leadership: Leadership): void {
    if (leadership.leader !== undefined && leadership.leader !== this.#current.leader) this.changes++
    this.#current = leadership
    for (const listener of [...this.#listeners]) listener(leadership)
  }
}
