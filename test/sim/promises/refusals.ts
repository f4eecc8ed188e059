import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Applied, Event } from '../../../control-plane/src/state/applied.ts'

/** How often the place of a part may be refused while nothing changes: plans may have been on their way. */
const REFUSED_MAX = 3
/** What makes or takes room. */
const MOVES: ReadonlySet<Event['type']> = new Set([
  'attempt-started',
  'capacity-freed',
  'definitions-changed',
  'job-changed',
  'node-changed',
])

/** What is promised of plans: they may be late, but whoever plans again sees why the last one was refused. */
export class Refusals {
  /** Refusals since something changed, by run and shard. */
  readonly #counts = new Map<string, number>()

  check({ command }: Entry, { value, events }: Applied): void {
    if (events.some(({ type }) => MOVES.has(type))) this.#counts.clear()
    if (command.kind !== 'place-shards') return
    for (const [at, { run, shard }] of command.placements.entries()) {
      if (value?.fires?.[at] !== 'queued') continue
      const key = `${run} ${shard}`
      const count = (this.#counts.get(key) ?? 0) + 1
      this.#counts.set(key, count)
      assert(count <= REFUSED_MAX, `shard ${shard} of run ${run} was refused ${count} times while nothing changed`)
    }
  }
}
