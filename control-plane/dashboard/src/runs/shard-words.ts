import type { Run, Shard, ShardCounts } from '@cronclave/openapi'
import { formatCount } from '../ui/format.ts'

export const SHARD_STATES: readonly Shard['state'][] = ['succeeded', 'running', 'waiting', 'failed']
/** Characters of a list of items that are shown. */
const ITEMS_LENGTH = 60

/** How many parts a run has, and how they stand: `12: 9 succeeded, 3 failed`. */
export function shardsWords(counts: ShardCounts): string {
  const parts = SHARD_STATES.filter((state) => counts[state] > 0).map(
    (state) => `${formatCount(counts[state])} ${state}`,
  )
  return parts.length === 0 ? formatCount(counts.total) : `${formatCount(counts.total)}: ${parts.join(', ')}`
}

/** What a part works on, the first of them and how many more: `0, 1, 2, 9` or `alpha, beta and 40 more`. */
export function itemsWords(items: readonly string[]): string {
  const shown: string[] = []
  let length = 0
  for (const item of items) {
    length += item.length + 2
    if (shown.length > 0 && length > ITEMS_LENGTH) break
    shown.push(item.length > ITEMS_LENGTH ? `${item.slice(0, ITEMS_LENGTH)}…` : item)
  }
  const rest = items.length - shown.length
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${formatCount(rest)} more`
}

/** What of a finished run can be done again. */
export function rerunChoices(run: Pick<Run, 'state' | 'shardCounts'>): { all: boolean; failed: boolean } {
  const { state, shardCounts } = run
  if (state === 'queued' || state === 'running') return { all: false, failed: false }
  // Of a run that was not split, what failed is the whole: one button is enough.
  return {
    all: true,
    failed: shardCounts !== undefined && shardCounts.failed > 0 && shardCounts.failed < shardCounts.total,
  }
}
