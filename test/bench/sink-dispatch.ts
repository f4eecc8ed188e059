/** What runs notice of sinks that are down: dispatch with three of them beside dispatch with none, in turns. */
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { Child, urlOf } from '../support/child.ts'
import { freePorts } from '../support/ports.ts'
import { inParallel, sleepUntil } from '../support/server.ts'
import { PARAMS } from './bare.ts'
import { type Figure, median, percentile, progress } from './figure.ts'
import { type Plane, startPlane } from './plane.ts'

const ROUNDS = 10
const SINKS = ['one', 'two', 'three']
const WINDOW_MS = 7000
/** In which what a window left over is done, so that none begins with work of another. */
const GAP_MS = 4000
/** Jobs that fire once a second each: more than one node gets done, so that what it gets done is measured. */
const JOBS = 8500
/** Of what is offered: a node that does more was not at its limit, and nothing is learnt from it. */
const DONE_MAX = 0.98
const IDLE_MS = 10_000
const SHARE_TARGET = 0.97
const IDLE_TARGET = 0.15

interface Round {
  perSecond: number
  perCpuSecond: number
}

/** Interleaved rounds without and with three sinks at ports where nobody listens; then the same sinks without any runs. */
export async function benchDeadSinks(quick: boolean): Promise<Figure[]> {
  const secret = generateSecret(systemRandom)
  const executor = new Child(['--import', 'tsx', 'test/bench/executor.ts'], { CRONCLAVE_SECRET: secret })
  const plane = await startPlane(1)
  try {
    await plane.call('POST', '/v1/namespaces/default/services', { name: 'bench', secret })
    await plane.call('PUT', '/v1/namespaces/default/services/bench/executors/e1', { url: await urlOf(executor) })
    return await measure(plane, quick)
  } finally {
    await plane.close()
    await executor.stop('SIGKILL')
  }
}

async function measure(plane: Plane, quick: boolean): Promise<Figure[]> {
  const rounds = quick ? 1 : ROUNDS
  const jobs = quick ? 200 : JOBS
  const begin = await makeJobs(plane, jobs, rounds * 2)
  const without: Round[] = []
  const withDead: Round[] = []
  for (let turn = 0; turn < rounds * 2; turn++) {
    const from = begin + turn * (WINDOW_MS + GAP_MS)
    // One begins each pair, then the other, so that what drifts favours neither.
    const isDead = turn % 4 === 1 || turn % 4 === 2
    await sleepUntil(from - GAP_MS / 2)
    await (isDead ? addDeadSinks(plane) : removeSinks(plane))
    const round = await window(plane, from)
    if (!quick && round.perSecond > JOBS * DONE_MAX)
      throw new Error(`${JOBS} fires per second are too few: all of them ran`)
    ;(isDead ? withDead : without).push(round)
    progress(
      `${isDead ? 'three dead sinks' : 'no sinks'}: ${round.perSecond.toFixed()} runs/s, ${round.perCpuSecond.toFixed()}/cpu-s`,
    )
  }
  await sleepUntil(begin + rounds * 2 * (WINDOW_MS + GAP_MS))
  await removeSinks(plane)
  const idle = await cpuShare(plane)
  await addDeadSinks(plane)
  const dead = await cpuShare(plane)
  // Neighbours are compared: what else the machine does changes slowly.
  const pairs = (of: keyof Round) => withDead.map((round, i) => round[of] / (without[i] as Round)[of])
  const shares = pairs('perSecond')
  return [
    {
      name: 'runs per second with three dead sinks, of those with none',
      value: median(shares),
      unit: '',
      target: SHARE_TARGET,
      yardstick: { name: 'runs/s with none', value: median(without.map(({ perSecond }) => perSecond)) },
    },
    { name: 'runs per CPU-second likewise', value: median(pairs('perCpuSecond')), unit: '' },
    // The closer these are, the more the median says.
    { name: 'runs per second of single pairs, lower quartile', value: percentile(shares, 0.25), unit: '' },
    { name: 'likewise, upper quartile', value: percentile(shares, 0.75), unit: '' },
    {
      name: 'share of a core while three idle sinks are down',
      value: dead,
      unit: '',
      target: IDLE_TARGET,
      better: 'less',
      yardstick: { name: 'without sinks', value: idle },
    },
  ]
}

async function window(plane: Plane, from: number): Promise<Round> {
  await sleepUntil(from + 1000)
  const before = await sample(plane)
  await sleepUntil(from + WINDOW_MS - 500)
  const after = await sample(plane)
  const runs = after.runs - before.runs
  return { perSecond: (runs * 1000) / (after.at - before.at), perCpuSecond: runs / (after.cpu - before.cpu) }
}

async function sample(plane: Plane): Promise<{ at: number; runs: number; cpu: number }> {
  const { log } = await plane.call<{ log: { runsEnded: number } }>('GET', '/v1/status')
  return { at: performance.now(), runs: log.runsEnded, cpu: plane.cpu() }
}

async function cpuShare(plane: Plane): Promise<number> {
  await sleepUntil(Date.now() + 2000)
  const [cpu, at] = [plane.cpu(), performance.now()]
  await sleepUntil(Date.now() + IDLE_MS)
  return (plane.cpu() - cpu) / ((performance.now() - at) / 1000)
}

async function addDeadSinks(plane: Plane): Promise<void> {
  const ports = await freePorts(SINKS.length)
  for (const [i, name] of SINKS.entries()) {
    const definition = { host: '127.0.0.1', port: ports[i], user: 'nobody', database: 'nowhere', tls: 'off' }
    await plane.call('PUT', `/v1/sinks/${name}`, definition)
  }
}

async function removeSinks(plane: Plane): Promise<void> {
  const { items } = await plane.call<{ items: { name: string }[] }>('GET', '/v1/sinks')
  for (const { name } of items) await plane.call('DELETE', `/v1/sinks/${name}`)
}

/** Jobs that fire spread over each second of every window. The first begins at the instant returned. */
async function makeJobs(plane: Plane, jobs: number, windows: number): Promise<number> {
  const begin = Date.now() + 5000 + 2 * jobs
  const all = Array.from({ length: windows }, (_, i) => begin + i * (WINDOW_MS + GAP_MS))
  await inParallel(
    Array.from({ length: jobs }, (_, i) => i),
    32,
    (i) => {
      const offset = Math.floor((i * 1000) / jobs)
      return plane.call('POST', '/v1/namespaces/default/jobs', {
        name: `job-${String(i).padStart(5, '0')}`,
        schedules: all.map((from, n) => ({
          id: `w${n}`,
          every: '1s',
          startAt: new Date(from + offset).toISOString(),
          endAt: new Date(from + WINDOW_MS - 1).toISOString(),
        })),
        params: PARAMS,
        target: { kind: 'handler', service: 'bench', handler: 'noop' },
      })
    },
  )
  if (Date.now() > begin - GAP_MS) throw new Error('the jobs took longer to make than was planned for')
  return begin
}
