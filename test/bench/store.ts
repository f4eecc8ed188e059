/** What the store costs: durable rows per second, CPU per run, and the load of a state with many jobs. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { scheduledRunId } from '../../control-plane/src/runs/ids.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { apply } from '../../control-plane/src/state/apply.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import { Image, loadState } from '../../control-plane/src/state/image.ts'
import { emptyState, type State } from '../../control-plane/src/state/state.ts'
import { crc32c } from '../../control-plane/src/store/crc32c.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import type { LevelStore } from '../../control-plane/src/store/level-store.ts'
import { verifyFolder } from '../../control-plane/src/store/verify.ts'
import { jobPut, schedule, spec } from '../sim/jobs.ts'

export interface StoreFigure {
  name: string
  value: number
  unit: string
  target?: number
  yardstick?: { name: string; value: number }
}

const START = Date.UTC(2026, 10, 21)
const JOBS_LOADED = 100_000
const RUN_JOBS = 1000
const RUNS = 60_000
const FIRES_PER_ENTRY = 100
const LOAD_FLAG = '--load'
const clock = systemClock()

export async function benchStore(jobs = JOBS_LOADED): Promise<StoreFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'store-bench-'))
  try {
    return [...(await runFigures(folder)), ...(await loadFigures(folder, jobs)), ...(await verifyFigures(folder))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Memory and the log's part of a node: applies commands one by one, and keeps the image when there is a store. */
export class Bench {
  readonly state: State = emptyState()
  readonly image: Image | undefined
  #index = 0

  constructor(store?: LevelStore) {
    this.image = store && new Image(this.state, store)
  }

  apply(command: Command): ReturnType<typeof apply> {
    const applied = apply(this.state, { index: ++this.#index, term: 1, command })
    if (applied.rejection) throw new Error(JSON.stringify(applied.rejection))
    this.image?.note(applied.changes)
    return applied
  }

  init(): number {
    this.apply({ kind: 'cluster-init', at: START, cluster: 'bench', namespaceSlots: 100_000 })
    this.apply({ kind: 'node-up', at: START, node: 'n1', incarnation: 1 })
    const namespace = this.state.namespaceNames.get('default') as number
    const change = { description: '', allowedHosts: [] }
    const made = this.apply({ kind: 'service-put', at: START, namespace, name: 'work', change })
    this.apply({
      kind: 'executor-put',
      at: START,
      service: made.value?.uid as number,
      id: 'e1',
      change: { kind: 'static', url: 'http://127.0.0.1:1/', weight: 1, slots: 0, labels: {}, status: 'online' },
    })
    return namespace
  }
}

async function open(folder: string): Promise<LevelStore> {
  return openLevelStore({
    folder,
    clock,
    onFatal(error) {
      throw error
    },
  })
}

async function runFigures(folder: string): Promise<StoreFigure[]> {
  const alone = await playRuns(new Bench(), undefined)
  const store = await open(join(folder, 'runs'))
  const stored = await playRuns(new Bench(store), store)
  const { batches, writes } = store.figures
  await store.close()
  return [
    { name: 'store: durable ledger runs', value: Math.round(RUNS / stored.seconds), unit: '/s' },
    { name: 'store: keys written per run', value: round(writes / RUNS), unit: '' },
    { name: 'store: runs per sync', value: round(RUNS / batches), unit: '' },
    {
      name: 'store: CPU per run, all threads',
      value: round(stored.cpuUs - alone.cpuUs),
      unit: 'µs',
      yardstick: { name: 'apply alone', value: round(alone.cpuUs) },
    },
    {
      name: 'store: CPU per run, event loop',
      value: round(stored.loopUs - alone.loopUs),
      unit: 'µs',
      yardstick: { name: 'apply alone', value: round(alone.loopUs) },
    },
  ]
}

/** Each run is two entries' worth of work: decided with others, finished with others. */
export async function playRuns(
  bench: Bench,
  store: LevelStore | undefined,
  runs = RUNS,
): Promise<{ seconds: number; cpuUs: number; loopUs: number }> {
  const namespace = bench.init()
  const definition = spec({ schedules: [schedule({ everyMs: 1000 })], overlap: 'allow' })
  for (let i = 0; i < RUN_JOBS; i++) bench.apply(jobPut(namespace, `job-${i}`, definition, START))
  await store?.flush()
  const jobs = [...bench.state.jobs.values()]
  const startedAt = performance.now()
  const cpu = process.cpuUsage()
  const idle = performance.eventLoopUtilization()
  for (let done = 0, fireTime = START + 1000; done < runs; fireTime += 1000) {
    for (let from = 0; from < jobs.length; from += FIRES_PER_ENTRY, done += FIRES_PER_ENTRY) {
      await new Promise(setImmediate)
      const some = jobs.slice(from, from + FIRES_PER_ENTRY)
      bench.apply({
        kind: 'decide-fires',
        at: fireTime,
        node: 'n1',
        decisions: some.map((job) => ({
          job: job.uid,
          version: job.version,
          fires: [
            {
              run: scheduledRunId(job.uid, fireTime),
              fireTime,
              dueTime: fireTime,
              schedules: ['main'],
              cause: 'schedule',
              place: ['e1'],
            },
          ],
          next: { fireTime: fireTime + 1000, dueTime: fireTime + 1000, schedules: ['main'] },
        })),
      })
      await new Promise(setImmediate)
      bench.apply({
        kind: 'attempts-finished',
        at: fireTime + 20,
        finishes: [...bench.state.attempts].map(([attempt, run]) => ({
          attempt,
          job: bench.state.runs.get(run)?.job ?? 0,
          outcome: 'succeeded',
          sentAt: fireTime + 1,
          endedAt: fireTime + 20,
          status: 200,
          retryable: true,
          chance: 0.5,
        })),
      })
      await store?.room()
    }
  }
  await store?.flush()
  const seconds = (performance.now() - startedAt) / 1000
  const used = process.cpuUsage(cpu)
  const busy = performance.eventLoopUtilization(idle)
  return { seconds, cpuUs: (used.user + used.system) / runs, loopUs: (busy.active * 1000) / runs }
}

async function loadFigures(folder: string, jobs: number): Promise<StoreFigure[]> {
  const path = join(folder, 'jobs')
  const store = await open(path)
  const bench = new Bench(store)
  const namespace = bench.init()
  for (let i = 0; i < jobs; i++) {
    const cron = `${i % 60} ${i % 24} * * *`
    const definition = spec({
      description: `Sends the statement of account ${i}`,
      schedules: [schedule({ cron, zone: i % 2 ? 'Europe/Berlin' : 'UTC' })],
      target: { kind: 'handler', service: 'work', handler: `handler-${i % 50}` },
      params: { account: i },
    })
    bench.apply(jobPut(namespace, `statement-${i}`, definition, START))
    if (i % 1000 === 0) await store.flush()
  }
  await store.close()
  const self = fileURLToPath(import.meta.url)
  const out = join(folder, 'load.json')
  execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', self, LOAD_FLAG, path, out], { stdio: 'inherit' })
  const load = JSON.parse(await readFile(out, 'utf8')) as { openMs: number; loadMs: number; heap: number; rss: number }
  const thousands = `${jobs / 1000}k jobs`
  return [
    { name: `store: open and verify, ${thousands}`, value: round(load.openMs / 1000), unit: 's' },
    { name: `store: load, ${thousands}`, value: round(load.loadMs / 1000), unit: 's', target: jobs * 3e-5 },
    { name: `store: heap per job`, value: Math.round(load.heap / jobs), unit: 'B' },
    { name: `store: memory of the process, ${thousands}`, value: Math.round(load.rss / 1e6), unit: 'MB', target: 500 },
  ]
}

async function measureLoad(folder: string, out: string): Promise<void> {
  const gc = globalThis.gc as () => void
  gc()
  const before = process.memoryUsage().heapUsed
  const t0 = performance.now()
  const store = await open(folder)
  const t1 = performance.now()
  const state = await loadState(store)
  const t2 = performance.now()
  const { rss } = process.memoryUsage()
  gc()
  const heap = process.memoryUsage().heapUsed - before
  await writeFile(out, JSON.stringify({ openMs: t1 - t0, loadMs: t2 - t1, heap, rss, jobs: state.jobs.size }))
  await store.close()
}

async function verifyFigures(folder: string): Promise<StoreFigure[]> {
  const bytes = new Uint8Array(4 * 1024 * 1024).fill(7)
  const t0 = performance.now()
  for (let round = 0; round < 50; round++) crc32c(bytes)
  const sumMs = performance.now() - t0
  const t1 = performance.now()
  const verified = await verifyFolder(join(folder, 'jobs'))
  const verifyMs = performance.now() - t1
  return [
    { name: 'store: CRC-32C', value: Math.round((50 * bytes.length) / sumMs / 1000), unit: 'MB/s' },
    { name: 'store: verifying files at a start', value: Math.round(verified.bytes / verifyMs / 1000), unit: 'MB/s' },
  ]
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function print(figures: readonly StoreFigure[]): void {
  for (const { name, value, unit, target, yardstick } of figures) {
    const beside = yardstick === undefined ? '' : `  ${yardstick.name} ${yardstick.value.toLocaleString('en')}`
    const aim = target === undefined ? '' : `  target ${target.toLocaleString('en')}`
    process.stdout.write(
      `${name.padEnd(48)} ${value.toLocaleString('en').padStart(12)} ${unit.padEnd(4)}${aim}${beside}\n`,
    )
  }
}

if (process.argv[2] === LOAD_FLAG) await measureLoad(process.argv[3] as string, process.argv[4] as string)
else if (process.argv[1] === fileURLToPath(import.meta.url))
  print(await benchStore(Number(process.argv[2] ?? JOBS_LOADED)))
