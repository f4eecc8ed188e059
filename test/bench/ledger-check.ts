import { progress } from './figure.ts'
import { inParallel, sleepUntil } from '../support/server.ts'
import type { Plane } from './plane.ts'

interface Page<T> {
  items: T[]
  nextCursor?: string
}

/**
 * Holds what the schedules say against the ledger of a control plane that was killed and started again: every fire must
 * have exactly one record, a run or a place in a stretch.
 */
export async function checkLedger(
  plane: Plane,
  jobs: number,
): Promise<{ missing: number; runs: number; fires: number; skipped: number }> {
  // The last schedules end, what was missed is judged, and what is open ends.
  await sleepUntil(Date.now() + 5000)
  const totals = { missing: 0, runs: 0, fires: 0, skipped: 0 }
  let done = 0
  await inParallel(
    Array.from({ length: jobs }, (_, i) => `job-${String(i).padStart(5, '0')}`),
    16,
    async (name) => {
      const one = await checkJob(plane, name)
      totals.missing += one.missing
      totals.runs += one.runs
      totals.fires += one.fires
      totals.skipped += one.skipped
      if (++done % 1000 === 0) progress(`${done} of ${jobs} jobs counted`)
    },
  )
  return totals
}

async function checkJob(plane: Plane, name: string) {
  const base = '/v1/namespaces/default'
  const job = await plane.call<{ definition: { schedules: { startAt: string; endAt: string }[] } }>(
    'GET',
    `${base}/jobs/${name}`,
  )
  const expected = job.definition.schedules.flatMap(({ startAt, endAt }) =>
    firesBetween(Date.parse(startAt), Date.parse(endAt)),
  )
  const runs = await all<{ fireTime: string }>(plane, `${base}/runs?limit=500&job=${name}`)
  const stretches = await all<{ from: string; to: string; count: number }>(
    plane,
    `${base}/jobs/${name}/stretches?limit=500`,
  )
  const ran = new Map<number, number>()
  for (const { fireTime } of runs) ran.set(Date.parse(fireTime), (ran.get(Date.parse(fireTime)) ?? 0) + 1)
  const spans = stretches.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const)
  const records = (at: number) => (ran.get(at) ?? 0) + spans.filter(([from, to]) => from <= at && at <= to).length
  const skipped = stretches.reduce((sum, { count }) => sum + count, 0)
  const missing = expected.filter((at) => records(at) !== 1).length + Math.abs(runs.length + skipped - expected.length)
  return { missing, runs: runs.length, fires: expected.length, skipped }
}

function firesBetween(from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / 1000) + 1 }, (_, i) => from + i * 1000)
}

async function all<T>(plane: Plane, path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page: Page<T> = await plane.call(
      'GET',
      `${path}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return items
}
