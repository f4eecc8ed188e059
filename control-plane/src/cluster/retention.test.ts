import { expect, test } from 'vitest'
import { compactTo, type LogExtent } from './retention.ts'

const RULES = { entriesKeep: 100, bytesKeep: 5000, bytesMax: 50_000 }

/** A log of entries of 100 bytes. */
function log(firstIndex: number, lastIndex: number): LogExtent {
  const bytes = (lastIndex - firstIndex + 1) * 100
  return { firstIndex, lastIndex, bytes, indexOfLast: (newest) => Math.max(firstIndex, lastIndex + 1 - newest / 100) }
}

test.each([
  ['a cluster of one keeps only what its store does not have', log(1, 500), 480, undefined, true, 480],
  ['others are kept what is newest by bytes', log(1, 500), 500, undefined, false, 451],
  ['others are kept what is newest by entries, when that is less', log(1, 120), 120, undefined, false, 71],
  ['what the store does not have stays', log(1, 500), 300, undefined, false, 300],
  ['what a member needs that is sent a state stays', log(1, 400), 400, 42, false, 42],
  ['not when the log has grown too large for it', log(1, 600), 600, 42, false, 551],
  ['a state that is newer than what is kept anyway spares nothing more', log(1, 500), 500, 490, false, 451],
])('%s', (_rule, extent, stored, pinned, alone, index) => {
  expect(compactTo(extent, { index: stored }, pinned, alone, RULES)).toBe(index)
})
