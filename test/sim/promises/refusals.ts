import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'

/** How often in a row a worker may choose an executor for a part that has no room for it by the time that it is placed. */
const REFUSED_MAX = 5

/** What is promised of plans: what they say may be late, but whoever plans again sees why the last one was refused. */
export class Refusals {
  /** By run, shard and executor. */
  readonly #counts = new Map<string, number>()

  check({ command }: Entry, { value, events }: Applied): void {
    for (const event of events) if (event.type === 'run-ended') this.#forget(event.run.id)
    if (command.kind !== 'place-shards') return
    for (const [at, { run, shard, executor }] of command.placements.entries()) {
      const key = `${run} ${shard} ${executor}`
      if (value?.fires?.[at] !== 'queued') {
        this.#forget(run)
        continue
      }
      const count = (this.#counts.get(key) ?? 0) + 1
      this.#counts.set(key, count)
      assert(count <= REFUSED_MAX, `shard ${shard} of run ${run} was refused by ${executor} ${count} times in a row`)
    }
  }

  #forget(run: string): void {
    for (const key of this.#counts.keys()) if (key.startsWith(`${run} `)) this.#counts.delete(key)
  }
}
