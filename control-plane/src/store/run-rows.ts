import type { EndedRun, EndedShard } from '../runs/run.ts'
import { shardEndsKey } from './keys.ts'

/** Parts whose ends stand in the row of their run; those of a run of more stand apart, so that lists read small rows. */
export const ENDS_INLINE_MAX = 100
/** Ends in one value. */
const ENDS_TOGETHER = 500

/** The row of a run as the store keeps it, and what stands apart from it. */
export function storedRun(row: EndedRun): { row: EndedRun; apart: [key: string, ends: EndedShard[]][] } {
  const { shardEnds, ...rest } = row
  if (!shardEnds || shardEnds.length <= ENDS_INLINE_MAX) return { row, apart: [] }
  const attempts = shardEnds.map((end) => end.attempts)
  const succeeded = shardEnds.filter(({ outcome }) => outcome === 'succeeded' || outcome === 'skipped').length
  return {
    row: { ...rest, endsApart: { attempts, succeeded } },
    apart: keysOfEnds(row.id, shardEnds.length).map((key, at) => [
      key,
      shardEnds.slice(at * ENDS_TOGETHER, (at + 1) * ENDS_TOGETHER),
    ]),
  }
}

/** The keys of what stands apart from the row of a run of so many parts. */
export function keysOfEnds(run: string, parts: number): string[] {
  const values = parts <= ENDS_INLINE_MAX ? 0 : Math.ceil(parts / ENDS_TOGETHER)
  return Array.from({ length: values }, (_, at) => shardEndsKey(run, at))
}

/** The row of a run with what stood apart from it. */
export function wholeRun({ endsApart: _endsApart, ...row }: EndedRun, ends: EndedShard[]): EndedRun {
  return { ...row, shardEnds: ends }
}
