import type { ShardingSpec } from '../jobs/job.ts'

/** One part of a run: what it is to work on, and the place in the list of executors of the one that it is meant for. */
export interface Part {
  items: string[]
  executor: number
}

/**
 * The parts of a sharded run over `executors` executors in the order of their ids, as gojob makes them: contiguous blocks
 * of ⌊n/m⌋, the remainder one each to the first, so that 10 items over 3 are [0 1 2 9] [3 4 5] [6 7 8]. An executor
 * without items has no part. Under `per-item` every item is a part, and executors take turns, from `turn` on.
 */
export function assignParts(sharding: ShardingSpec, executors: number, turn = 0): Part[] {
  const items = itemsOf(sharding)
  if (executors < 1) return []
  if (sharding.mode === 'per-item') {
    return items.map((item, place) => ({ items: [item], executor: (turn + place) % executors }))
  }
  const block = Math.floor(items.length / executors)
  const parts: Part[] = []
  for (let executor = 0; executor < Math.min(executors, items.length); executor++) {
    const own = items.slice(executor * block, (executor + 1) * block)
    const left = items[executors * block + executor]
    parts.push({ items: left === undefined ? own : [...own, left], executor })
  }
  return parts
}

/** What a run is split into: the items of the definition, or 0 … count − 1. */
export function itemsOf({ items, count = 0 }: ShardingSpec): readonly string[] {
  return items ?? Array.from({ length: count }, (_, place) => String(place))
}
