import type { OpenRun, Shard } from '../runs/run.ts'
import { note, type Turn } from './turn.ts'

/** Says that a shard changed. A part of a split run is written by itself: what one costs does not grow with the others. */
export function noteShard(turn: Turn, run: OpenRun, shard: Shard): void {
  if (run.partsLeft === undefined) note(turn, 'run', run.id)
  else turn.changes.push({ kind: 'shard', run: run.id, shard: shard.index })
}
