import { expect, test } from 'vitest'
import { judge, summaryOf } from './perf-verdict.ts'

const load = { perSecond: 100, clients: 1 }
const times = (count: number, ms: number) => Array.from({ length: count }, () => ms)

test.each<[string, number[], number, string[], string[]]>([
  ['all well', times(1000, 5), 10_000, [], []],
  ['too slow a cluster', times(1000, 5), 12_000, [], ['throughput']],
  ['two of a hundred late', [...times(980, 5), ...times(20, 101)], 10_000, [], ['p99']],
  ['one very late', [...times(999, 5), 501], 10_000, [], ['slowest']],
  ['one refused', times(999, 5), 10_000, ['the server answered 503'], ['errors']],
  ['nothing at all', [], 10_000, ['x'], ['throughput', 'p99', 'slowest', 'errors']],
])('%s', (_, latenciesMs, tookMs, faults, failed) => {
  const verdicts = judge({ latenciesMs, tookMs, faults }, load)
  expect(verdicts.filter(({ pass }) => !pass).map(({ check }) => check)).toEqual(failed)
})

test('percentiles are of the sorted latencies', () => {
  const latenciesMs = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect(summaryOf({ latenciesMs, tookMs: 1000, faults: [] })).toEqual({
    count: 100,
    perSecond: 100,
    p50Ms: 51,
    p90Ms: 91,
    p99Ms: 100,
    slowestMs: 100,
  })
})
