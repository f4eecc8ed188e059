import { progress } from './figure.ts'
import { inParallel, Server, sleepUntil } from '../support/server.ts'

interface Page<T> {
  items: T[]
  nextCursor?: string
}

/**
 * Starts a server on the folder of one that was killed, and holds what the schedules say against the ledger: every fire
 * must have exactly one record, a run or a place in a stretch.
 */
export async function checkLedger(
  folder: string,
  jobs: number,
): Promise<{ missing: number; runs: number; fires: number; skipped: number }> {
  const server = await Server.start({ folder })
  try {
    // The last schedules end, what was missed is judged, and what is open ends.
    await sleepUntil(Date.now() + 5000)
    const totals = { missing: 0, runs: 0, fires: 0, skipped: 0 }
    let done = 0
    await inParallel(
      Array.from({ length: jobs }, (_, i) => `job-${String(i).padStart(5, '0')}`),
      16,
      async (name) => {
        const one = await checkJob(server, name)
        totals.missing += one.missing
        totals.runs += one.runs
        totals.fires += one.fires
        totals.skipped += one.skipped
        if (++done % 1000 === 0) progress(`${done} of ${jobs} jobs counted`)
      },
    )
    return totals
  } finally {
    await server.stop()
  }
}

async function checkJob(server: Server, name: string) {
  const base = '/v1/namespaces/default'
  const job = await server.call<{ definition: { schedules: { startAt: string; endAt: string }[] } }>(
    'GET',
    `${base}/jobs/${name}`,
  )
  const expected = job.definition.schedules.flatMap(({ startAt, endAt }) =>
    firesBetween(Date.parse(startAt), Date.parse(endAt)),
  )
  const runs = await all<{ fireTime: string }>(server, `${base}/runs?limit=500&job=${name}`)
  const stretches = await all<{ from: string; to: string; count: number }>(
    server,
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

async function all<T>(server: Server, path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page: Page<T> = await server.call(
      'GET',
      `${path}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return items
}
