import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BUCKETS_MS, bucketOf, emptyCounters, type HourCounters } from '../state/counters.ts'
import { type Cell, cellsBetween } from './cells.ts'
import { daySums, packDay } from './day-pack.ts'
import { bucketQuantile } from './quantile.ts'
import { type Candidate, ranking } from './ranking.ts'
import { addHour, countedIn, emptySum, FIELDS, type Sum } from './sum.ts'
import { SUMS_MAX, WINDOWS_MAX, WindowSums } from './window-sums.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

test('what is packed is what comes out, whatever the numbers', () => {
  const sum = fc.array(fc.oneof(fc.constant(0), fc.maxSafeNat()), { minLength: FIELDS, maxLength: FIELDS })
  const owners = fc.uniqueArray(fc.maxSafeNat(), { maxLength: 70 })
  fc.assert(
    fc.property(owners, fc.infiniteStream(sum), (uids, sums) => {
      const sorted = uids.sort((a, b) => a - b).map((uid) => [uid, Float64Array.from(sums.next().value ?? [])] as const)
      expect([...daySums(packDay(sorted))]).toEqual(sorted.map(([uid, numbers]) => [uid, numbers]))
    }),
    { numRuns: 60 },
  )
})

test('a quantile lies in the bucket of the value that it estimates', () => {
  const values = fc.array(fc.nat(4_000_000), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (all, share) => {
      const counts = BUCKETS_MS.map(() => 0).concat(0)
      for (const value of all) counts[bucketOf(value)] = (counts[bucketOf(value)] ?? 0) + 1
      const exact = all.sort((a, b) => a - b)[Math.ceil(share * all.length) - 1] as number
      const found = bucketQuantile(counts, share) as number
      expect(bucketOf(found)).toBe(Math.min(bucketOf(exact), BUCKETS_MS.length - 1))
    }),
  )
  expect(bucketQuantile([0, 0, 0], 0.5)).toBeUndefined()
})

test('a window is read by the day where no edge cuts one, by the hour elsewhere, and by the day where hours have gone', () => {
  const kept = { countedTo: 10 * DAY, hoursFrom: 4 * DAY }
  const units = (cells: Cell[]) => cells.map(({ at, unit }) => (unit === 'day' ? `d${at / DAY}` : at / HOUR))
  expect(units(cellsBetween([5 * DAY, 7 * DAY], kept))).toEqual(['d5', 'd6'])
  expect(units(cellsBetween([5 * DAY + 22 * HOUR, 7 * DAY], kept))).toEqual([142, 143, 'd6'])
  expect(units(cellsBetween([9 * DAY, 10 * DAY + 90 * 60_000], kept))).toEqual(['d9', 240, 241])
  // Cut by Monday of some zone, whose hours are still there, and by one whose hours are not.
  expect(units(cellsBetween([6 * DAY, 6 * DAY + 22 * HOUR, 7 * DAY], kept))).toHaveLength(24)
  expect(units(cellsBetween([2 * DAY, 2 * DAY + 22 * HOUR, 4 * DAY], kept))).toEqual(['d2', 'd3'])
  // Whoever asks from the afternoon on gets no day whose noon is over.
  expect(units(cellsBetween([2 * DAY + 13 * HOUR, 4 * DAY], kept))).toEqual(['d3'])
})

function candidate(name: string, change: (hour: HourCounters) => void, before?: (hour: HourCounters) => void) {
  const sumOf = (fill: (hour: HourCounters) => void) => {
    const hour = emptyCounters(0)
    fill(hour)
    return addHour(emptySum(), hour)
  }
  return { job: name, name, sum: sumOf(change), before: before && sumOf(before) } satisfies Candidate<string>
}

const ran =
  (succeeded: number, failed: number, eachMs = 0) =>
  (hour: HourCounters) => {
    Object.assign(hour.runs, { succeeded, failed })
    hour.duration[bucketOf(eachMs)] = succeeded + failed
    hour.durationMs = eachMs * (succeeded + failed)
  }

test('S100 jobs stand by their share of failures, equals by their runs and then their names, and few runs count for nothing', () => {
  const all = [
    candidate('b', ran(5, 5)),
    candidate('a', ran(5, 5)),
    candidate('often', ran(50, 50)),
    candidate('once', ran(0, 1)),
    candidate('worst', ran(1, 9)),
    candidate('well', ran(100, 0)),
    candidate('lost', (hour) => Object.assign(hour.runs, { succeeded: 8, lost: 1, 'timed-out': 1, cancelled: 50 })),
  ]
  const names = (minRuns: number, limit = 20) =>
    ranking(all, { by: 'failure-rate', minRuns, limit }).map(({ job }) => job)
  expect(names(5)).toEqual(['worst', 'often', 'a', 'b', 'lost'])
  expect(names(1, 3)).toEqual(['once', 'worst', 'often'])
  expect(ranking(all, { by: 'failure-rate', minRuns: 5, limit: 1 })).toMatchObject([
    { judged: 10, failed: 9, failureRate: 0.9 },
  ])
})

test('a trend is the mean of now over that of before, and needs enough runs in both', () => {
  const all = [
    candidate('slower', ran(10, 0, 300), ran(10, 0, 100)),
    candidate('faster', ran(10, 0, 100), ran(10, 0, 300)),
    candidate('new', ran(10, 0, 300)),
    candidate('rare', ran(10, 0, 300), ran(2, 0, 100)),
    candidate('a bit', ran(10, 0, 150), ran(10, 0, 100)),
  ]
  expect(ranking(all, { by: 'duration-trend', minRuns: 5, limit: 20 })).toMatchObject([
    { job: 'slower', durationTrend: 3, durationMeanMs: 300, durationMeanBeforeMs: 100 },
    { job: 'a bit', durationTrend: 1.5 },
  ])
})

/** Counts one run per owner and hour; says how many cells were read. */
class Source {
  now = 20 * DAY
  countedTo = 19 * DAY
  reads = 0
  fails = false
  owners = 1
  readonly sums = new WindowSums({
    state: () => ({ now: this.now, countedTo: this.countedTo, counters: new Map([[7, this.#hour()]]) }),
    oldestHour: () => Promise.resolve(0),
    eachCounted: async (cell, visit) => {
      this.reads += 1
      await Promise.resolve()
      if (this.fails) throw new Error('the disk is slow today')
      for (let hour = 0; hour < (cell.unit === 'day' ? 24 : 1); hour++) {
        for (let owner = 0; owner < this.owners; owner++) visit(7 + owner, this.#hour())
      }
    },
  })

  #hour(): HourCounters {
    const hour = emptyCounters(0)
    hour.runs.succeeded = 1
    return hour
  }

  async runs(from: number, to: number): Promise<number> {
    const sum: Sum | undefined = (await this.sums.over(from, to)).of(7)
    return sum ? countedIn(sum).runs.succeeded : 0
  }
}

test('a window is added up once, and then an hour at a time', async () => {
  const source = new Source()
  const hours = () => Math.floor(source.now / HOUR) + 1 - 5 * 24
  expect(await source.runs(5 * DAY, source.now + 1)).toBe(hours())
  const first = source.reads
  for (let minute = 0; minute < 300; minute += 7) {
    source.now = 20 * DAY + minute * 60_000
    expect(await source.runs(5 * DAY, source.now + 1)).toBe(hours())
  }
  expect(first).toBeGreaterThan(14)
  // Each hour once, and again in the minute after its end.
  expect(source.reads - first).toBeLessThan(12)
})

test('windows that end in the past, many at the same time and more than are kept are all right', async () => {
  const source = new Source()
  const asked = Array.from({ length: WINDOWS_MAX * 2 }, (_, i) => [i * HOUR, 3 * DAY + i * HOUR] as const)
  const found = await Promise.all([...asked, ...asked].map(([from, to]) => source.runs(from, to)))
  expect(new Set(found)).toEqual(new Set([72]))
})

test('windows over many jobs are let go of before they fill the memory', async () => {
  const source = new Source()
  source.owners = Math.ceil(SUMS_MAX / 2) + 1
  for (const hour of [1, 2]) expect(await source.runs(hour * HOUR, (hour + 1) * HOUR)).toBe(1)
  const reads = source.reads
  await source.runs(2 * HOUR, 3 * HOUR)
  expect(source.reads).toBe(reads)
  await source.runs(HOUR, 2 * HOUR)
  expect(source.reads).toBe(reads + 1)
})

test('a window that could not be read is begun anew', async () => {
  const source = new Source()
  source.fails = true
  await expect(source.runs(DAY, 3 * DAY)).rejects.toThrow('slow today')
  source.fails = false
  expect(await source.runs(DAY, 3 * DAY)).toBe(48)
})
