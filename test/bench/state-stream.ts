import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import { exportState } from '../../control-plane/src/store/state-export.ts'
import { hashState } from '../../control-plane/src/store/state-hash.ts'
import { importState } from '../../control-plane/src/store/state-import.ts'
import type { Write } from '../../control-plane/src/store/store.ts'
import type { Figure } from './figure.ts'
import { progress } from './figure.ts'

const ROWS = 1_000_000
const ROWS_PER_FLUSH = 20_000
const MIB = 1_048_576

/** A state of a million finished runs, about 300 MB: out of a store, into another, and hashed. */
export async function benchStateStream(): Promise<Figure[]> {
  const root = mkdtempSync(join(tmpdir(), 'cronclave-bench-'))
  try {
    return await measure(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function measure(root: string): Promise<Figure[]> {
  const onFatal = (error: Error): never => {
    throw error
  }
  const store = await openLevelStore({ folder: join(root, 'state'), clock: systemClock(), onFatal })
  progress(`filling a store with ${ROWS.toLocaleString('en')} runs`)
  store.gatherFrom(() => ({ writes: [], applied: { index: 5, term: 1 } }))
  for (let number = 0; number < ROWS; number++) {
    store.stage(runRow(number))
    if (number % ROWS_PER_FLUSH === 0) await store.flush()
  }
  await store.flush()
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const out = await timed(async () => {
    let bytes = 0
    for await (const chunk of (await exportState(store, { tzdata: '' })).chunks) bytes += chunk.length
    return bytes
  })
  const blocked = loop.percentile(99) / 1e6
  const through = await timed(async () => {
    const { chunks } = await exportState(store, { tzdata: '' })
    return (await importState(root, chunks)).trailer.bytes
  })
  const pause = () => new Promise<void>((resolve) => void setImmediate(resolve))
  const hashed = await timed(async () => (await hashState(store, pause)).rows)
  await store.close()
  return [
    { name: 'a state out of a store', value: out / MIB, unit: 'MiB/s', target: 64 },
    { name: 'event loop held meanwhile, p99', value: blocked, unit: 'ms', better: 'less' },
    { name: 'a state out of one store into another', value: through / MIB, unit: 'MiB/s', target: 64 },
    { name: 'rows hashed', value: hashed, unit: '/s' },
  ]
}

/** What comes of it per second. */
async function timed(work: () => Promise<number>): Promise<number> {
  const startedAt = performance.now()
  return (await work()) / ((performance.now() - startedAt) / 1000)
}

function runRow(number: number): Write {
  const [job, at] = [number % 997, 1_700_000_000_000 + number]
  const place = `${String(number).padStart(10, '0')}/0000000abc/0000`
  const times = { fireTime: at, dueTime: at, createdAt: at, startedAt: at, endedAt: at + 99 }
  const value = {
    id: `abcdefghijklmnop${number}`,
    job,
    jobName: `nightly-report-${job}`,
    namespace: 2,
    cause: 'schedule',
    state: 'succeeded',
    ...times,
    jobVersion: 1,
    params: {},
    schedules: ['a'],
    attempts: 1,
    executor: 'e1',
    sequence: [number, 0],
  }
  return { type: 'put', key: `R/${String(job).padStart(10, '0')}/s/${place}`, value }
}
