import { type Ask, type Delivery, NOTHING } from './evaluation.ts'

/** How long a worker waits for something to do before it is told that there is nothing, in milliseconds. */
export const HOLD_MS = 1000
/** How long ago a node that has room asked last, in milliseconds, so that it counts as one that takes part. */
const PRESENT_MS = 2000
/** Calls by which a node may be ahead of the one that was given fewest, while that one is about to ask again … */
const LEAD_MAX = 16
/** … and how long something waits for that one, in milliseconds. */
export const PATIENCE_MS = 4

export interface Poller {
  ask: Ask
  /** By the monotonic clock. */
  until: number
  answer(delivery: Delivery): void
}

interface Node {
  /** Calls that it was given; one that comes late begins where the others are. */
  given: number
  askedAt: number
  /** Room that its last asks told of and that was not filled. */
  room: number
}

/**
 * Workers that wait for something to do, and who is to get the next: nodes that take part get equally many calls,
 * however near to the leader they are.
 */
export class Pollers {
  readonly #waiting = new Map<string, Poller>()
  readonly #nodes = new Map<string, Node>()

  get size(): number {
    return this.#waiting.size
  }

  /** A worker waits; if it waited already, that question is void. */
  add(poller: Poller, now: number): void {
    const { node, worker, room } = poller.ask
    const key = `${node}/${worker}`
    const before = this.#waiting.get(key)
    this.#waiting.delete(key)
    before?.answer(NOTHING)
    const known = this.#nodes.get(node)
    const least = this.#least(now)
    this.#nodes.set(node, { given: Math.max(known?.given ?? 0, least?.given ?? 0), askedAt: now, room })
    this.#waiting.set(key, poller)
  }

  /**
   * Who gets the next of what is ready, and how much of it; undefined when it is to wait a moment for somebody who was
   * given less and is about to ask. `patient`: whether it can.
   */
  next(ready: number, patient: boolean, now: number): { poller: Poller; share: number } | undefined {
    let best: { poller: Poller; given: number } | undefined
    const waiting = new Set<string>()
    for (const poller of this.#waiting.values()) {
      waiting.add(poller.ask.node)
      const given = this.#nodes.get(poller.ask.node)?.given ?? 0
      if (!best || given < best.given) best = { poller, given }
    }
    if (!best) return undefined
    let sharing = waiting.size
    for (const [id, node] of this.#nodes) {
      if (waiting.has(id) || !isPresent(node, now)) continue
      if (patient && best.given - node.given > LEAD_MAX) return undefined
      if (node.given <= best.given) sharing += 1
    }
    return { poller: best.poller, share: Math.max(1, Math.ceil(ready / sharing)) }
  }

  /** Answers a worker that waits. */
  give(poller: Poller, delivery: Delivery, calls: number): void {
    const { node, worker } = poller.ask
    this.#waiting.delete(`${node}/${worker}`)
    const known = this.#nodes.get(node)
    if (known) {
      known.given += calls
      known.room = Math.max(0, known.room - calls)
    }
    poller.answer(delivery)
  }

  /** Tells those that nothing is there who have waited long enough. */
  expire(now: number): void {
    for (const poller of [...this.#waiting.values()]) if (poller.until <= now) this.give(poller, NOTHING, 0)
  }

  /** A node is gone. */
  forget(node: string): void {
    this.#nodes.delete(node)
    for (const poller of [...this.#waiting.values()]) if (poller.ask.node === node) this.give(poller, NOTHING, 0)
  }

  clear(): void {
    for (const poller of [...this.#waiting.values()]) this.give(poller, NOTHING, 0)
    this.#nodes.clear()
  }

  /** The one of those that take part that was given fewest. */
  #least(now: number): Node | undefined {
    let least: Node | undefined
    for (const node of this.#nodes.values())
      if (isPresent(node, now) && (!least || node.given < least.given)) least = node
    return least
  }
}

function isPresent({ askedAt, room }: Node, now: number): boolean {
  return room > 0 && now - askedAt < PRESENT_MS
}
