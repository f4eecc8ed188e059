import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { type Figure, percentile, progress } from './figure.ts'
import { Child, urlOf } from '../support/child.ts'
import { inParallel, Server, sleepUntil } from '../support/server.ts'

const BASE = '/v1/namespaces/default'

/** How long after the instant the last of many requests leaves that are due together, and how the API answers meanwhile. */
export async function benchLateness(): Promise<Figure[]> {
  const secret = generateSecret(systemRandom)
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-bench-'))
  const executor = new Child(['--import', 'tsx', 'test/bench/executor.ts'], { CRONCLAVE_SECRET: secret })
  const server = await Server.start({ folder })
  try {
    const url = await urlOf(executor)
    await server.call('POST', `${BASE}/services`, { name: 'bench', secret })
    await server.call('PUT', `${BASE}/services/bench/executors/e1`, { url })
    const usual = await burst(server, url, 'slots', 10_000)
    await server.call('PUT', '/v1/namespaces/default', { slots: 20_000 })
    const thousand = await burst(server, url, 'a', 1000)
    const tenThousand = await burst(server, url, 'b', 10_000)
    return [
      ...burstFigures('1,000 jobs due together', thousand, 250),
      ...burstFigures('10,000 jobs due together', tenThousand, 2000),
      ...burstFigures('10,000 with the default of 1,000 slots', usual),
    ]
  } finally {
    await server.stop('SIGKILL')
    await executor.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}

interface Burst {
  lastOutMs: number
  p50Ms: number
  p99ApiMs: number
  notRun: number
}

async function burst(server: Server, url: string, name: string, count: number): Promise<Burst> {
  const at = Date.now() + 6000 + count
  progress(`${count} jobs (${name}) due at one instant`)
  await inParallel(
    Array.from({ length: count }, (_, i) => i),
    32,
    (i) =>
      server.call('POST', `${BASE}/jobs`, {
        name: `${name}-${i}`,
        schedules: [{ at: new Date(at).toISOString() }],
        target: { kind: 'http', service: 'bench', method: 'POST', path: '/plain' },
      }),
  )
  if (Date.now() > at - 500) throw new Error('the jobs took longer to make than was planned for')
  await fetch(`${url}/seen`, { method: 'DELETE' })
  await sleepUntil(at - 200)
  const api: number[] = []
  const polled = poll(server, api, at + 8000)
  const seen = await untilSeen(url, count, at + 30_000)
  await polled
  const ended = await countRuns(server, name, count)
  return {
    lastOutMs: seen.last - at,
    p50Ms: percentile(seen.lateness, 0.5),
    p99ApiMs: percentile(api, 0.99),
    notRun: count - ended,
  }
}

/** Reads a page of jobs every 20 ms, as a dashboard would, and notes how long each took. */
async function poll(server: Server, times: number[], until: number): Promise<void> {
  while (Date.now() < until) {
    const begin = performance.now()
    await server.call('GET', `${BASE}/jobs?limit=20`)
    times.push(performance.now() - begin)
    await sleepUntil(Date.now() + 20)
  }
}

async function untilSeen(url: string, count: number, deadline: number): Promise<{ last: number; lateness: number[] }> {
  for (;;) {
    await sleepUntil(Date.now() + 500)
    const seen = (await (await fetch(`${url}/seen`)).json()) as { count: number; last: number; lateness: number[] }
    if (seen.count >= count) return seen
    if (Date.now() > deadline) throw new Error(`only ${seen.count} of ${count} calls were seen`)
  }
}

/** Runs of this burst that succeeded on time: not as a misfire, not skipped. */
async function countRuns(server: Server, name: string, count: number): Promise<number> {
  await sleepUntil(Date.now() + 1000)
  let good = 0
  let cursor: string | undefined
  do {
    const page = await server.call<{ items: { job: string }[]; nextCursor?: string }>(
      'GET',
      `${BASE}/runs?state=succeeded&cause=schedule&limit=500${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    good += page.items.filter(({ job }) => job.startsWith(`${name}-`)).length
    cursor = page.nextCursor
  } while (cursor !== undefined && good < count)
  return good
}

function burstFigures(name: string, burst: Burst, target?: number): Figure[] {
  return [
    {
      name: `${name}: last request arrives after`,
      value: burst.lastOutMs,
      unit: 'ms',
      better: 'less',
      ...(target === undefined ? {} : { target }),
    },
    { name: `${name}: median`, value: burst.p50Ms, unit: 'ms' },
    {
      name: `${name}: p99 of the API meanwhile`,
      value: burst.p99ApiMs,
      unit: 'ms',
      better: 'less',
      ...(target === undefined ? {} : { target: 250 }),
    },
    { name: `${name}: missed, skipped or failed`, value: burst.notRun, unit: '', target: 0, better: 'less' },
  ]
}
