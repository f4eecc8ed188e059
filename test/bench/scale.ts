import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { statesIn } from '../../control-plane/src/cluster/states.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { memberId } from '../../control-plane/src/store/data-folder.ts'
import { loneDeps, startLone } from '../support/lone-engine.ts'
import { nodeFileSystem } from '../../control-plane/src/wal/node-file-system.ts'
import { jobPut, schedule, spec } from '../sim/jobs.ts'
import { type Figure, median, progress } from './figure.ts'
import { inParallel, Server, sleepUntil } from '../support/server.ts'

const IDLE_SECONDS = 21
const SETTLE_MS = 8000
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Australia/Sydney']

/** Start, memory and idle cost of a server with many jobs, each with a cron expression of its own that is not due soon. */
export async function benchScale(jobs: number): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cronclave-bench-'))
  try {
    await fill(folder, jobs)
    const begin = performance.now()
    const server = await Server.start({ folder })
    const startMs = performance.now() - begin
    const idle = await idlePercent(server)
    const memory = server.child.memory()
    const edit = await editMs(server)
    await server.stop()
    const empty = await Server.start({ folder: join(folder, 'empty') })
    const emptyIdle = await idlePercent(empty)
    await empty.stop()
    const limits = jobs <= 100_000
    return [
      {
        name: `start with ${jobs.toLocaleString('en-US')} jobs`,
        value: startMs / 1000,
        unit: 's',
        better: 'less',
        ...(limits ? { target: 5 } : {}),
      },
      { name: 'resident memory', value: memory, unit: 'MB', better: 'less', ...(limits ? { target: 500 } : {}) },
      {
        name: 'CPU in a second in which nothing is due, median',
        value: idle,
        unit: '%',
        yardstick: { name: 'without jobs', value: emptyIdle },
      },
      { name: 'changing one job by the API, median', value: edit, unit: 'ms' },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * CPU used in the middle one of many seconds in which nothing is due, in percent of a core, once the start has died
 * away: a garbage collection that falls into one of them is no cost of ticking.
 */
async function idlePercent(server: Server): Promise<number> {
  await sleepUntil(Date.now() + SETTLE_MS)
  const seconds: number[] = []
  for (let second = 0; second < IDLE_SECONDS; second++) {
    const before = server.child.cpu()
    await sleepUntil(Date.now() + 1000)
    seconds.push((server.child.cpu() - before) * 100)
  }
  return median(seconds)
}

/** Makes the jobs through the log, as the API would, but in this process: a million calls would take longer than the bench. */
async function fill(folder: string, jobs: number): Promise<void> {
  const clock = systemClock()
  const onFatal = (error: Error) => {
    throw error
  }
  const engine = await startLone({
    ...loneDeps(await memberId(folder, systemRandom)),
    clock,
    random: systemRandom,
    fileSystem: nodeFileSystem,
    walFolder: join(folder, 'wal'),
    states: statesIn(folder, { clock, tzdata: '', onFatal }),
    onFatal,
  })
  const propose = engine.consensus.propose.bind(engine.consensus)
  await propose({ kind: 'cluster-init', at: clock.now(), cluster: 'bench', namespaceSlots: 1000 })
  const namespace = [...engine.state.namespaces.keys()][0] ?? 0
  await propose({
    kind: 'service-put',
    at: clock.now(),
    namespace,
    name: 'work',
    change: { description: '', allowedHosts: [] },
  })
  let made = 0
  await inParallel(
    Array.from({ length: jobs }, (_, i) => i),
    512,
    async (i) => {
      const cron = `${i % 60} ${Math.floor(i / 60) % 24} ${1 + (Math.floor(i / 1440) % 28)} 1 *`
      const definition = spec({
        description: `Job number ${i}`,
        schedules: [schedule({ cron, zone: ZONES[i % ZONES.length] ?? 'UTC' })],
        params: { number: i },
      })
      await propose(jobPut(namespace, `job-${i}`, definition, clock.now(), i))
      if (++made % 100_000 === 0) progress(`${made} jobs made`)
    },
  )
  await engine.stop()
}

async function editMs(server: Server): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 21; i++) {
    const path = `/v1/namespaces/default/jobs/job-${i}`
    const begin = performance.now()
    await server.call('PUT', path, {
      schedules: [{ cron: '0 0 2 1 *' }],
      target: { kind: 'handler', service: 'work', handler: 'work' },
    })
    times.push(performance.now() - begin)
  }
  return times.sort((a, b) => a - b)[10] ?? 0
}
