import type { AppliedPosition } from './store.ts'

/** What each batch leaves behind: its number, counted from 1 without gaps, and the applied position it reflects. */
export interface BatchMark extends AppliedPosition {
  batch: number
}

/** Batches whose marks are kept: more than fit in the two log files that LevelDB may have to replay, as batches go. */
export const BATCH_MARKS = 36 * 36

const PREFIX = 'b/'
export const BATCH_RING = { gte: PREFIX, lt: 'b0' } as const

/** The key of a batch's mark. Keys are used again in a ring, so that nothing has to be removed. */
export function batchKey(batch: number): string {
  return PREFIX + (batch % BATCH_MARKS).toString(36).padStart(2, '0')
}

/**
 * The newest mark, or what is wrong: a missing or old mark between others means that a synced batch was lost from the
 * middle, which LevelDB does not notice by itself.
 */
export function readMarks(marks: ReadonlyMap<string, BatchMark>): BatchMark | { hole: string } | undefined {
  let newest: BatchMark | undefined
  for (const mark of marks.values()) if (!newest || mark.batch > newest.batch) newest = mark
  if (!newest) return undefined
  const oldest = Math.max(1, newest.batch - BATCH_MARKS + 1)
  let before: BatchMark | undefined
  for (let batch = oldest; batch <= newest.batch; batch++) {
    const mark = marks.get(batchKey(batch))
    if (mark?.batch !== batch) return { hole: `batch ${batch} is missing, ${newest.batch} is there` }
    if (before && mark.index < before.index)
      return { hole: `batch ${batch} reflects an older position than the one before` }
    before = mark
  }
  return newest
}
