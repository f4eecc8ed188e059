import type { OpenRun, Shard } from '../runs/run.ts'
import type { Turn } from './turn.ts'

/** Says that a shard changed. A part of a split run is written by itself: what one costs does not grow with the others. */
export function noteShard(turn: Turn, run: OpenRun, shard: Shard): void {
  turn.changes.push(
    run.partsLeft === undefined ? { kind: 'run', id: run.id } : { kind: 'shard', run: run.id, shard: shard.index },
  )
}
