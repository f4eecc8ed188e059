import { isBefore } from '../state/sinks.ts'
import type { HourSum, LogRow, LogRowKind, RowMark } from './row.ts'
import { hourOfRow, rowSum } from './row-sum.ts'
import type { Sequence } from './sink.ts'

/** What a database answers that has these rows, when it is compared with the ledger. */
export function comparable(rows: () => LogRow[], altered: (row: LogRow) => boolean = () => false) {
  const sumOf = (row: LogRow) => rowSum(row) + (altered(row) ? 1 : 0)
  const upTo = (place: Sequence) =>
    rows()
      .filter(({ row }) => !isBefore(place, row.sequence))
      .sort((a, b) => (isBefore(a.row.sequence, b.row.sequence) ? -1 : 1))
  return {
    async *sums(place: Sequence): AsyncGenerator<HourSum> {
      const sums = new Map<string, Required<HourSum>>()
      for (const row of upTo(place)) {
        const [kind, hour] = [row.kind, hourOfRow(row)]
        const one = sums.get(`${kind}${hour}`) ?? { kind, hour, count: 0, sum: 0, altered: 0 }
        const changed = altered(row) ? 1 : 0
        const [count, sum] = [one.count + 1, (one.sum + sumOf(row)) % 2 ** 48]
        sums.set(`${kind}${hour}`, { ...one, count, sum, altered: one.altered + changed })
      }
      for (const sum of sums.values()) yield await Promise.resolve(sum)
    },
    async *rowsOf(kind: LogRowKind, hour: number, place: Sequence): AsyncGenerator<readonly RowMark[]> {
      for (const row of upTo(place)) {
        if (row.kind !== kind || hourOfRow(row) !== hour) continue
        yield await Promise.resolve([[...row.row.sequence, sumOf(row)] as const])
      }
    },
  }
}
