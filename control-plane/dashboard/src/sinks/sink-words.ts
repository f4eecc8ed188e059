import type { Sink } from '@cronclave/openapi'
import { formatCount, formatDuration } from '../ui/format.ts'

/** Where a sink is, as one would type it. */
export function placeOf({ host, port, database }: Pick<Sink, 'host' | 'port' | 'database'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
}

/** How far a sink is behind the ledger, in words. */
export function lagWords(delivery: Sink['delivery']): string {
  if (delivery === undefined) return 'unknown'
  const { lagRows, lagMs } = delivery
  if (lagRows === 0) return 'has every row'
  return `${formatCount(lagRows)} ${lagRows === 1 ? 'row' : 'rows'}, ${formatDuration(lagMs)}`
}

/** The gaps whose rows left the ledger last, the newest first: a list of gaps is in the order of their rows. */
export function newestGaps(gaps: Sink['gaps'], count: number): Sink['gaps'] {
  return [...gaps].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, count)
}

/** How much of a back-fill is done, from 0 to 1; undefined when none is under way. */
export function backfillShare(delivery: Sink['delivery']): number | undefined {
  const backfill = delivery?.backfill
  if (backfill === undefined || backfill.total <= 0) return undefined
  return Math.min(1, Math.max(0, backfill.done / backfill.total))
}
