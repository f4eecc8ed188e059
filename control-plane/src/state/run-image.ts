import type { OpenRun, Shard } from '../runs/run.ts'
import { openRunKey, openShardKey } from '../store/keys.ts'
import type { Write } from '../store/store.ts'
import type { State } from './state.ts'

/**
 * Open runs as the store has them. One that was split keeps each part under a key of its own, so that what a part costs
 * to write does not grow with the others; any other run is one value.
 */
export class RunImage {
  readonly #state: State
  readonly #runs = new Set<string>()
  readonly #shards = new Map<string, Set<number>>()
  /** Runs that the store has, and their parts there: one that began and ended between two batches never gets there. */
  readonly #stored = new Map<string, number>()

  /** To be made right after the state was loaded. */
  constructor(state: State) {
    this.#state = state
    for (const run of state.runs.values()) this.#stored.set(run.id, partsOf(run))
  }

  noteRun(id: string): void {
    this.#runs.add(id)
    this.#shards.delete(id)
  }

  noteShard(run: string, shard: number): void {
    if (this.#runs.has(run)) return
    const known = this.#shards.get(run)
    if (known) known.add(shard)
    else this.#shards.set(run, new Set([shard]))
  }

  gather(writes: Write[]): void {
    for (const id of this.#runs) {
      const run = this.#state.runs.get(id)
      if (run) this.#putRun(run, writes)
      else this.#deleteRun(id, writes)
    }
    this.#runs.clear()
    for (const [id, indexes] of this.#shards) {
      const shards = this.#state.runs.get(id)?.shards ?? []
      for (const index of indexes) putShard(id, shards[index], writes)
    }
    this.#shards.clear()
  }

  #putRun(run: OpenRun, writes: Write[]): void {
    this.#stored.set(run.id, partsOf(run))
    const isSplit = run.partsLeft !== undefined
    writes.push({ type: 'put', key: openRunKey(run.id), value: isSplit ? withoutParts(run) : run })
    if (isSplit) for (const shard of run.shards) putShard(run.id, shard, writes)
  }

  #deleteRun(id: string, writes: Write[]): void {
    const parts = this.#stored.get(id)
    if (parts === undefined) return
    this.#stored.delete(id)
    writes.push({ type: 'del', key: openRunKey(id) })
    for (let index = 0; index < parts; index++) writes.push({ type: 'del', key: openShardKey(id, index) })
  }
}

function putShard(run: string, shard: Shard | undefined, writes: Write[]): void {
  if (shard) writes.push({ type: 'put', key: openShardKey(run, shard.index), value: shard })
}

function withoutParts({ partsLeft: _, ...run }: OpenRun): OpenRun {
  return { ...run, shards: [] }
}

/** Parts that have keys of their own. */
function partsOf({ partsLeft, shards }: OpenRun): number {
  return partsLeft === undefined ? 0 : shards.length
}
