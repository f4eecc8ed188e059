import { placedShards } from '../state/slots.ts'
import type { State } from '../state/state.ts'
import type { Pending } from './pending.ts'
import type { SlotsLeft } from './round.ts'

/** Evaluations of a namespace that wait for others to come back, at most: the next ones are decided without a place. */
const PARKED_MAX = 256

/** Whether a worker may have an evaluation: now, once those before it are back, or never, since nothing is free. */
export type Room = 'now' | 'later' | 'none'

/**
 * The slots that a namespace has left once everybody has placed what they have: workers that plan on states of their own
 * would else find the same last slots free, and all but one be refused.
 */
export class SlotRoom implements SlotsLeft {
  readonly #state: () => State
  /** Calls that evaluations with workers may become, by namespace. */
  readonly #out = new Map<number, number>()
  readonly #parked = new Map<number, Pending[]>()
  #size = 0

  constructor(state: () => State) {
    this.#state = state
  }

  /** Evaluations that wait here for others to come back. */
  get size(): number {
    return this.#size
  }

  *items(): Iterable<Pending> {
    for (const list of this.#parked.values()) yield* list
  }

  clear(): void {
    this.#out.clear()
    this.#parked.clear()
    this.#size = 0
  }

  of({ evaluation: { job }, namespace = -1, calls }: Pending): Room {
    const out = this.#out.get(namespace) ?? 0
    let free = this.#free(namespace)
    if (fits(calls, out, free)) return 'now'
    free += this.#ownSlots(job)
    if (fits(calls, out, free)) return 'now'
    if (free <= 0) return 'none'
    return (this.#parked.get(namespace)?.length ?? 0) < PARKED_MAX ? 'later' : 'none'
  }

  /** Those of a namespace that a run of this priority may have: not what fires of a higher one wait for. */
  left(namespace: number, priority: number): 'some' | 'spent' | 'none' {
    const free = this.#free(namespace)
    if (free <= 0) return 'none'
    if (!fits(1, this.#out.get(namespace) ?? 0, free)) return 'spent'
    const parked = this.#size > 0 ? this.#parked.get(namespace) : undefined
    return parked?.some((fires) => fires.priority > priority) ? 'spent' : 'some'
  }

  park(pending: Pending): void {
    const { namespace = -1 } = pending
    const list = this.#parked.get(namespace)
    if (list) list.push(pending)
    else this.#parked.set(namespace, [pending])
    this.#size += 1
  }

  given({ namespace, calls }: Pending): void {
    if (namespace !== undefined) this.#out.set(namespace, (this.#out.get(namespace) ?? 0) + calls)
  }

  /** Evaluations that wait here although nobody has any of their namespace: as many as may have room now. */
  idle(): Pending[] {
    const namespaces = [...this.#parked.keys()].filter((namespace) => !this.#out.has(namespace))
    return namespaces.flatMap((namespace) => this.#unpark(namespace))
  }

  /** Evaluations that came back. Gives those that were parked behind them and may have room now. */
  back(pending: readonly Pending[]): Pending[] {
    const namespaces = new Set<number>()
    for (const { namespace, calls } of pending) {
      if (namespace === undefined) continue
      namespaces.add(namespace)
      const out = (this.#out.get(namespace) ?? 0) - calls
      if (out > 0) this.#out.set(namespace, out)
      else this.#out.delete(namespace)
    }
    return [...namespaces].flatMap((namespace) => this.#unpark(namespace))
  }

  #free(namespace: number): number {
    const { held, slots } = this.#state().namespaces.get(namespace) ?? { held: 0, slots: 1 }
    return slots - held
  }

  /** Slots that a job's runs leave to the next one of it, in the entry that starts it. */
  #ownSlots(uid: number): number {
    const state = this.#state()
    const job = state.jobs.get(uid)
    return job?.spec.overlap === 'cancel-running' ? placedShards(state, job).length : 0
  }

  /** As many as may fit, and one at least where none is out; all where nothing is free, which is for others to say. */
  #unpark(namespace: number): Pending[] {
    const list = this.#parked.get(namespace)
    if (!list) return []
    const out = this.#out.get(namespace) ?? 0
    const free = this.#free(namespace)
    let left = free > 0 ? Math.max(out === 0 ? 1 : 0, free - out) : Number.POSITIVE_INFINITY
    let count = 0
    while (count < list.length && left > 0) left -= (list[count++] as Pending).calls
    const some = list.splice(0, count)
    if (list.length === 0) this.#parked.delete(namespace)
    this.#size -= some.length
    return some
  }
}

/** Whether so many calls find room beside those that are out; whoever is alone is tried in any case. */
function fits(calls: number, out: number, free: number): boolean {
  return free > 0 && (out === 0 || out + calls <= free)
}
