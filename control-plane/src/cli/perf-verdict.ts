/** What a check of performance puts on a cluster, and what it must come to. */
export interface PerfLoad {
  perSecond: number
  /** Requests under way at most. */
  clients: number
}

export const PERF_LOADS = {
  s: { perSecond: 100, clients: 16 },
  m: { perSecond: 500, clients: 64 },
  l: { perSecond: 2000, clients: 256 },
} as const satisfies Record<string, PerfLoad>

/** Share of the rate that has to be reached. */
const RATE_SHARE_MIN = 0.9
const P99_MS_MAX = 100
const SLOWEST_MS_MAX = 500

export interface Measured {
  tookMs: number
  /** From when each put was due. */
  latenciesMs: number[]
  /** Of puts that were not taken. */
  faults: string[]
}

/** One check, for people. */
export interface Verdict {
  check: string
  limit: string
  measured: string
  pass: boolean
}

/** Holds what was measured against the limits. */
export function judge(measured: Measured, { perSecond }: PerfLoad): Verdict[] {
  const { perSecond: reached, p99Ms, slowestMs } = summaryOf(measured)
  const { faults } = measured
  return [
    {
      check: 'throughput',
      limit: `at least ${perSecond * RATE_SHARE_MIN}/s`,
      measured: `${reached}/s`,
      pass: reached >= perSecond * RATE_SHARE_MIN,
    },
    { check: 'p99', limit: `at most ${P99_MS_MAX} ms`, measured: `${p99Ms} ms`, pass: p99Ms <= P99_MS_MAX },
    {
      check: 'slowest',
      limit: `at most ${SLOWEST_MS_MAX} ms`,
      measured: `${slowestMs} ms`,
      pass: slowestMs <= SLOWEST_MS_MAX,
    },
    {
      check: 'errors',
      limit: 'none',
      measured: faults.length === 0 ? 'none' : `${faults.length}, the first: ${faults[0]}`,
      pass: faults.length === 0,
    },
  ]
}

/** The measured latencies in a few numbers, milliseconds with one decimal; infinite when nothing was measured. */
export function summaryOf({ tookMs, latenciesMs }: Measured) {
  const sorted = [...latenciesMs].sort((a, b) => a - b)
  const at = (share: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.POSITIVE_INFINITY)
  return {
    count: sorted.length,
    perSecond: tookMs > 0 ? rounded((sorted.length * 1000) / tookMs) : 0,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p99Ms: at(0.99),
    slowestMs: at(1),
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
