import type { Millis } from '../runtime/clock.ts'
import type { Pending } from './pending.ts'
import type { EvaluationCount, EvaluationState } from './queue-figures.ts'

/** How many evaluations are in which state, by kind, and since when the oldest of each. */
export class EvaluationCounts {
  readonly #counts = new Map<string, EvaluationCount>()

  get all(): EvaluationCount[] {
    return [...this.#counts.values()]
  }

  add(kind: string, state: EvaluationState, more: number, oldestAt?: Millis): void {
    if (more === 0) return
    const key = `${kind} ${state}`
    const known = this.#counts.get(key) ?? { kind, state, count: 0 }
    known.count += more
    if (oldestAt !== undefined) known.oldestAt = Math.min(known.oldestAt ?? oldestAt, oldestAt)
    this.#counts.set(key, known)
  }

  each(list: Iterable<Pending>, state: EvaluationState): void {
    for (const { evaluation, since, withdrawn } of list)
      if (!withdrawn) this.add(evaluation.wanted.kind, state, 1, since)
  }
}
