import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { bareRound, PARAMS, signedCalls } from './bare.ts'
import { type Figure, median, percentile, progress } from './figure.ts'
import { checkLedger } from './ledger-check.ts'
import type { BenchOptions } from './options.ts'
import { type Plane, startPlane } from './plane.ts'
import { Child, urlOf } from '../support/child.ts'
import { inParallel, sleepUntil } from '../support/server.ts'

const ROUNDS = 5
/** Fires offered, as a share of what bare undici does: enough to saturate, not so many that skipping them is what is measured. */
const OFFERED = 0.6
/** Ours: 60 s in all. */
const OURS_MS = 12_000
const BARE_MS = 5000
const GAP_MS = 2000
const HALF_MS = 10_000
const REFUSED = 'shards refused of those planned'

interface Window {
  from: number
  to: number
}

/**
 * Runs per second from due to durable end, beside bare undici with the same signed body against the same executor, in
 * alternating rounds; then lateness at half that rate; then `kill -9` of every node, and the ledger is counted.
 */
export async function benchRuns({ nodes }: BenchOptions): Promise<Figure[]> {
  const one = await runsOn(1)
  if (nodes === 1) return one
  progress(`the same on ${nodes} nodes`)
  // The targets are those of one node; of several, its figures are the yardstick.
  return (await runsOn(nodes)).map(({ name, value, unit, ...rest }, i) => ({
    name: `${name}, ${nodes} nodes`,
    value,
    unit,
    ...(name === REFUSED ? rest : { yardstick: { name: 'one node', value: one[i]?.value ?? Number.NaN } }),
  }))
}

async function runsOn(nodes: number): Promise<Figure[]> {
  const secret = generateSecret(systemRandom)
  const executor = new Child(['--import', 'tsx', 'test/bench/executor.ts'], { CRONCLAVE_SECRET: secret })
  const plane = await startPlane(nodes)
  try {
    return await measure(plane, await urlOf(executor), secret)
  } finally {
    await plane.close()
    await executor.stop('SIGKILL')
  }
}

async function measure(plane: Plane, url: string, secret: string): Promise<Figure[]> {
  await prepare(plane, url, secret)
  const warm = await warmUp(url, secret)
  const jobs = Math.ceil(warm.perSecond * OFFERED)
  progress(
    `bare undici does about ${rounded(warm.perSecond)} a second: ${jobs} jobs fire once a second each, in ${ROUNDS} rounds of ${OURS_MS / 1000} s`,
  )
  const { windows, half, end } = await plan(plane, jobs)
  const ours: { perSecond: number; perCpuSecond: number; perSync: number }[] = []
  const bare: { perSecond: number; perCpuSecond: number }[] = []
  for (const [round, window] of windows.entries()) {
    const calls = signedCalls(secret, Math.ceil((warm.perSecond * 2 * BARE_MS) / 1000), round)
    ours.push(await ourRound(plane, url, window))
    await sleepUntil(window.to + GAP_MS / 2)
    bare.push(await bareRound(url, calls, BARE_MS))
    progress(
      `round ${round + 1}: ours ${rounded(ours.at(-1)?.perSecond)} runs/s, bare ${rounded(bare.at(-1)?.perSecond)} requests/s`,
    )
  }
  const lateness = await halfRate(plane, url, half)
  const refused = await refusedShare(plane)
  await sleepUntil(end - 1000)
  await plane.kill()
  progress('killed with -9; starting again and counting the ledger')
  await plane.startAgain()
  const ledger = await checkLedger(plane, jobs)
  return [...figures(ours, bare, lateness, ledger), refused]
}

/** How many of the shards that workers planned the newest state refused. */
async function refusedShare(plane: Plane): Promise<Figure> {
  const { nodes } = await plane.call<{ nodes: { placed: number; refused: number }[] }>('GET', '/v1/queues')
  const placed = nodes.reduce((sum, node) => sum + node.placed, 0)
  const refused = nodes.reduce((sum, node) => sum + node.refused, 0)
  return { name: REFUSED, value: refused / Math.max(1, placed + refused), unit: '', target: 0.05, better: 'less' }
}

/** What bare undici does once both ends are warm: the best of three short rounds. */
async function warmUp(url: string, secret: string): Promise<{ perSecond: number }> {
  let best = { perSecond: 0 }
  for (let round = 100; round < 103; round++) {
    const one = await bareRound(url, signedCalls(secret, 100_000, round), 3000)
    if (one.perSecond > best.perSecond) best = one
  }
  return best
}

async function prepare(plane: Plane, url: string, secret: string): Promise<void> {
  const base = '/v1/namespaces/default'
  await plane.call('POST', `${base}/services`, { name: 'bench', secret })
  await plane.call('PUT', `${base}/services/bench/executors/e1`, { url })
}

/** Jobs whose fires are spread evenly over each second of each window, and half of them in the window for lateness: at least half of what gets done. */
async function plan(plane: Plane, jobs: number): Promise<{ windows: Window[]; half: Window; end: number }> {
  const begin = Date.now() + 5000 + jobs
  const period = OURS_MS + BARE_MS + 2 * GAP_MS
  const windows = Array.from({ length: ROUNDS }, (_, round) => ({
    from: begin + round * period,
    to: begin + round * period + OURS_MS,
  }))
  const half = { from: begin + ROUNDS * period, to: begin + ROUNDS * period + HALF_MS }
  const tail = { from: half.to + GAP_MS, to: half.to + GAP_MS + 4000 }
  await inParallel(
    Array.from({ length: jobs }, (_, i) => i),
    32,
    (i) => {
      const offset = Math.floor((i * 1000) / jobs)
      const all = i % 2 === 0 ? [...windows, half, tail] : [...windows, tail]
      const schedules = all.map(({ from, to }, n) => ({
        id: `w${n}`,
        every: '1s',
        startAt: iso(from + offset),
        endAt: iso(to - 1),
      }))
      return plane.call('POST', '/v1/namespaces/default/jobs', {
        name: `job-${String(i).padStart(5, '0')}`,
        schedules,
        params: PARAMS,
        target: { kind: 'handler', service: 'bench', handler: 'noop' },
      })
    },
  )
  if (Date.now() > begin) throw new Error('the jobs took longer to make than was planned for')
  return { windows, half, end: tail.to }
}

async function ourRound(plane: Plane, url: string, window: Window) {
  await sleepUntil(window.from + 1000)
  const before = await sample(plane, url)
  await sleepUntil(window.to - 500)
  const after = await sample(plane, url)
  const runs = after.count - before.count
  return {
    perSecond: runs / ((after.at - before.at) / 1000),
    perCpuSecond: runs / (after.cpu - before.cpu),
    perSync: runs / (after.syncs - before.syncs),
  }
}

async function sample(plane: Plane, url: string) {
  await fetch(`${url}/seen`, { method: 'DELETE' })
  const status = await plane.call<{ log: { syncs: number; runsEnded: number } }>('GET', '/v1/status')
  return { at: performance.now(), count: status.log.runsEnded, syncs: status.log.syncs, cpu: plane.cpu() }
}

/** Milliseconds from the nominal instant to the handler, at half the rate. */
async function halfRate(plane: Plane, url: string, half: Window): Promise<number[]> {
  await sleepUntil(half.from + 1000)
  await fetch(`${url}/seen`, { method: 'DELETE' })
  await sleepUntil(half.to + 500)
  const { lateness } = (await (await fetch(`${url}/seen`)).json()) as { lateness: number[] }
  progress(
    `half the rate: ${lateness.length} runs in ${(HALF_MS - 1000) / 1000} s, CPU so far ${plane.cpu().toFixed(1)} s`,
  )
  return lateness
}

function figures(
  ours: { perSecond: number; perCpuSecond: number; perSync: number }[],
  bare: { perSecond: number; perCpuSecond: number }[],
  lateness: number[],
  ledger: { missing: number; runs: number; fires: number; skipped: number },
): Figure[] {
  const rate = median(ours.map(({ perSecond }) => perSecond))
  const bareRate = median(bare.map(({ perSecond }) => perSecond))
  const perCpu = median(ours.map(({ perCpuSecond }) => perCpuSecond))
  const bareCpu = median(bare.map(({ perCpuSecond }) => perCpuSecond))
  return [
    { name: 'runs per second', value: rate, unit: '/s', yardstick: { name: 'bare undici', value: bareRate } },
    { name: 'share of bare undici', value: rate / bareRate, unit: '', target: 0.45, better: 'more' },
    {
      name: 'runs per CPU-second of the control plane',
      value: perCpu,
      unit: '/cpu-s',
      yardstick: { name: 'bare undici', value: bareCpu },
    },
    { name: 'share of bare undici per CPU-second', value: perCpu / bareCpu, unit: '' },
    { name: 'runs per sync of the log', value: median(ours.map(({ perSync }) => perSync)), unit: '' },
    { name: 'p50 lateness at half the rate', value: percentile(lateness, 0.5), unit: 'ms' },
    {
      name: 'p99 lateness at half the rate',
      value: percentile(lateness, 0.99),
      unit: 'ms',
      target: 50,
      better: 'less',
    },
    {
      name: 'fires without exactly one record after kill -9',
      value: ledger.missing,
      unit: `of ${ledger.fires}`,
      target: 0,
      better: 'less',
    },
    { name: 'runs in the ledger', value: ledger.runs, unit: '' },
    { name: 'fires recorded as skipped', value: ledger.skipped, unit: '' },
  ]
}

const iso = (at: number) => new Date(at).toISOString()
const rounded = (value: number | undefined) => Math.round(value ?? 0)
