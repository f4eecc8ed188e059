import type { Leadership } from './consensus.ts'

/** Who leads, with an abort signal per term, and those who want to hear of a change. */
export class Office {
  readonly #node: string
  readonly #listeners = new Set<(leadership: Leadership) => void>()
  #controller = new AbortController()
  #current: Leadership

  constructor(node: string, term: number) {
    this.#node = node
    this.#current = { term, leader: undefined, isLeader: false, signal: AbortSignal.abort() }
  }

  get current(): Leadership {
    return this.#current
  }

  take(term: number): void {
    this.#controller = new AbortController()
    this.#change({ term, leader: this.#node, isLeader: true, signal: this.#controller.signal })
  }

  /** Ends the term: its signal is aborted, nobody leads. */
  leave(): void {
    if (!this.#current.isLeader) return
    this.#controller.abort()
    this.#change({ ...this.#current, leader: undefined, isLeader: false })
  }

  onChange(listener: (leadership: Leadership) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #change(leadership: Leadership): void {
    this.#current = leadership
    for (const listener of [...this.#listeners]) listener(leadership)
  }
}
