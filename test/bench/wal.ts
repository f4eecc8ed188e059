import { constants, openSync, closeSync, write } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { statesIn } from '../../control-plane/src/cluster/states.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { nodeFileSystem } from '../../control-plane/src/wal/node-file-system.ts'
import { openWal } from '../../control-plane/src/wal/open-wal.ts'
import type { Wal } from '../../control-plane/src/wal/wal.ts'
import { loneDeps, startLone } from '../support/lone-engine.ts'

/** A measured value beside one of the same run that says what the machine can do. */
export interface Figure {
  name: string
  value: number
  unit: string
  target?: number
  yardstick?: { name: string; value: number }
}

const ROUNDS = 7
const APPENDS = 400
const PAYLOAD_BYTES = 256
const SEGMENT_BYTES = 64 * 1024 * 1024

/** What an append costs beside a bare O_DSYNC write of as many bytes, interleaved, and what the engine of one voter makes of it. */
export async function benchWal(): Promise<Figure[]> {
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'cronclave-bench-wal-'))
  try {
    const figures: Figure[] = []
    for (const count of [1, 16, 64, 256]) figures.push(...(await appendFigures(join(folder, `${count}`), count)))
    figures.push(await replayFigure(join(folder, '256')))
    figures.push(...(await engineFigures(join(folder, 'engine'))))
    return figures
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function appendFigures(folder: string, count: number): Promise<Figure[]> {
  const wal = await openWal({ fileSystem: nodeFileSystem, folder, segmentBytes: SEGMENT_BYTES })
  const bare = await bareFile(`${folder}-bare`)
  const ours: number[] = []
  const theirs: number[] = []
  const bytes = Buffer.alloc(56 + count * (PAYLOAD_BYTES + 16), 7)
  let cpuUs = 0
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < APPENDS; i++) ours.push(await timed(() => appendTo(wal, count)))
    const used = process.cpuUsage(before)
    cpuUs += used.user + used.system
    await wal.compact(wal.lastIndex)
    for (let i = 0; i < APPENDS; i++) theirs.push(await timed(() => bare.write(bytes)))
  }
  bare.close()
  await wal.close()
  const name = `append of ${count} × ${PAYLOAD_BYTES} B`
  const yardstick = { name: 'bare O_DSYNC write', value: quantile(theirs, 0.5) }
  return [
    { name: `${name}, p50`, value: quantile(ours, 0.5), unit: 'µs', target: yardstick.value * 1.3, yardstick },
    {
      name: `${name}, p99`,
      value: quantile(ours, 0.99),
      unit: 'µs',
      yardstick: { ...yardstick, value: quantile(theirs, 0.99) },
    },
    { name: `${name}, CPU per entry`, value: cpuUs / (ROUNDS * APPENDS * count), unit: 'µs' },
  ]
}

async function replayFigure(folder: string): Promise<Figure> {
  const from = process.hrtime.bigint()
  const wal = await openWal({ fileSystem: nodeFileSystem, folder, segmentBytes: SEGMENT_BYTES })
  let read = 0
  for await (const record of wal.read(wal.firstIndex)) read += record.payload.length > 0 ? 1 : 0
  const seconds = Number(process.hrtime.bigint() - from) / 1e9
  await wal.close()
  return { name: 'opening and reading a log', value: Math.round(read / seconds), unit: 'entries/s' }
}

/** Closed loops of clients that propose one command after the other. */
async function engineFigures(folder: string): Promise<Figure[]> {
  const node = '1'.repeat(16)
  const engine = await startLone({
    ...loneDeps(node),
    clock: systemClock(),
    random: systemRandom,
    fileSystem: nodeFileSystem,
    walFolder: join(folder, 'wal'),
    states: statesIn(folder, { clock: systemClock(), tzdata: '', onFatal: raise }),
  })
  const { consensus } = engine
  const figures: Figure[] = []
  for (const clients of [1, 64, 256]) {
    const { entries, appends } = consensus.counters
    const from = process.hrtime.bigint()
    const until = from + 2_000_000_000n
    const client = async () => {
      while (process.hrtime.bigint() < until) {
        await consensus.propose({ at: 1_700_000_000_000, kind: 'token-revoke', id: 'x'.repeat(200) })
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
    const seconds = Number(process.hrtime.bigint() - from) / 1e9
    const proposed = consensus.counters.entries - entries
    figures.push(
      { name: `proposals of ${clients} clients`, value: Math.round(proposed / seconds), unit: '/s' },
      {
        name: `entries per sync, ${clients} clients`,
        value: proposed / (consensus.counters.appends - appends),
        unit: '',
      },
    )
  }
  await engine.stop()
  return figures
}

function raise(error: Error): never {
  throw error
}

function appendTo(wal: Wal, count: number): Promise<void> {
  const next = wal.lastIndex + 1
  const records = Array.from({ length: count }, (_, i) => ({ index: next + i, term: 1, payload: PAYLOAD }))
  return wal.append(records, { term: 1, vote: 'n1', commit: next - 1 })
}

const PAYLOAD = Buffer.alloc(PAYLOAD_BYTES, 7)

async function bareFile(path: string) {
  const created = await nodeFileSystem.open(path, 'create')
  await created.allocate(SEGMENT_BYTES)
  await created.close()
  const fd = openSync(path, constants.O_WRONLY | constants.O_DSYNC)
  let position = 0
  return {
    write(bytes: Buffer): Promise<void> {
      if (position + bytes.length > SEGMENT_BYTES) position = 0
      return new Promise((resolve, reject) => {
        write(fd, bytes, 0, bytes.length, position, (error) => (error === null ? resolve() : reject(error)))
        position += bytes.length
      })
    },
    close: () => closeSync(fd),
  }
}

async function timed(task: () => Promise<void>): Promise<number> {
  const from = process.hrtime.bigint()
  await task()
  return Number(process.hrtime.bigint() - from) / 1e3
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0
}

if (import.meta.filename === process.argv[1]) {
  for (const { name, value, unit, yardstick } of await benchWal()) {
    const beside =
      yardstick === undefined
        ? ''
        : `   ${yardstick.name} ${yardstick.value.toFixed(0)} (× ${(value / yardstick.value).toFixed(2)})`
    console.log(`${name.padEnd(44)} ${value.toFixed(value < 10 ? 2 : 0).padStart(9)} ${unit}${beside}`)
  }
}
