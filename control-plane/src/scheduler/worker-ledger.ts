import type { AppliedPlan } from './plan-applier.ts'
import type { WorkerFigures } from './queue-figures.ts'

/** What the workers of each node were given and brought back, since the leader took office. */
export class WorkerLedger {
  readonly #nodes = new Map<string, WorkerFigures>()
  readonly #workers = new Map<string, Set<number>>()

  asked(node: string, worker: number): void {
    const workers = this.#workers.get(node) ?? new Set()
    this.#workers.set(node, workers.add(worker))
    this.#of(node).workers = workers.size
  }

  given(node: string, count: number): void {
    const figures = this.#of(node)
    figures.out += count
    figures.taken += count
  }

  lapsed(node: string, count: number): void {
    const figures = this.#of(node)
    figures.out -= count
    figures.lapsed += count
  }

  handed(node: string, { finishes, placed, refused }: AppliedPlan): void {
    const figures = this.#of(node)
    figures.out -= finishes.length
    figures.nacked += finishes.reduce((count, finish) => count + (finish === 'fault' ? 1 : 0), 0)
    figures.placed += placed
    figures.refused += refused
  }

  figures(): WorkerFigures[] {
    return [...this.#nodes.values()].map((figures) => ({ ...figures }))
  }

  clear(): void {
    this.#nodes.clear()
    this.#workers.clear()
  }

  #of(node: string): WorkerFigures {
    const known = this.#nodes.get(node)
    if (known) return known
    const begun = { node, workers: 0, out: 0, taken: 0, nacked: 0, lapsed: 0, placed: 0, refused: 0 }
    this.#nodes.set(node, begun)
    return begun
  }
}
