/** Speed and memory of the cron evaluation, beside cron-parser and croner in the same run. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CronExpressionParser } from 'cron-parser'
import { Cron } from 'croner'
import { decodeValue, encodeValue } from '../../control-plane/src/store/codec.ts'
import {
  compactSchedule,
  compileSchedule,
  nextFire,
  type CompiledSchedule,
} from '../../control-plane/src/jobs/schedule.ts'

export interface CronFigure {
  name: string
  value: number
  unit: string
  target?: number
  yardstick?: { name: string; value: number }
}

const START = Date.UTC(2026, 10, 21)
const ROUNDS = 5
const ROUND_MS = 40
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York']
const TARGETS: readonly (readonly [expression: string, perSecond: number])[] = [
  ['*/5 * * * *', 1_000_000],
  ['0 9 * * 1-5', 1_000_000],
  ['0 2 * * *', 1_000_000],
  ['30 1 * * *', 1_000_000],
  ['0 0 1 * *', 100_000],
  ['0 0 29 2 *', 5000],
]
const EXPRESSIONS_HELD = 100_000
const BYTES_EACH_MAX = 300
const HEAP_FLAG = '--heap'
/** Expressions of the other libraries that are held: a hundred thousand of croner's do not fit into memory. */
const OTHERS_HELD = 1000

/** Next fires per second for each expression and zone, and bytes of heap per expression held. */
export async function benchCron(): Promise<CronFigure[]> {
  const figures = TARGETS.flatMap(([expression, target]) => ZONES.map((zone) => speedOf(expression, zone, target)))
  return [...figures, ...heapFigures()]
}

function speedOf(expression: string, zone: string, target: number): CronFigure {
  const ours = [compile(expression, zone)]
  const parser = CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(START) })
  const croner = new Cron(expression, { timezone: zone, paused: true })
  const mine: number[] = []
  const parsers: number[] = []
  const croners: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    mine.push(perSecond((after) => nextFire(ours, { after, spread: 1, fireCount: 0, createdAt: 0 })?.fireTime ?? START))
    parsers.push(perSecond(() => parser.next().getTime()))
    croners.push(perSecond((after) => croner.nextRun(new Date(after))?.getTime() ?? START))
    parser.reset(new Date(START))
  }
  croner.stop()
  const [parserRate, cronerRate] = [median(parsers), median(croners)]
  return {
    name: `next fire of ${expression} in ${zone}`,
    value: Math.round(median(mine)),
    unit: '/s',
    target,
    yardstick:
      parserRate > cronerRate ? { name: 'cron-parser', value: parserRate } : { name: 'croner', value: cronerRate },
  }
}

/** Walks from fire to fire for a while, and starts again when forty years are through. */
function perSecond(next: (after: number) => number): number {
  const end = START + 40 * 365 * 86_400_000
  let after = START
  let count = 0
  const started = performance.now()
  while (performance.now() - started < ROUND_MS) {
    for (let index = 0; index < 16; index++) {
      after = next(after)
      if (after > end) after = START
    }
    count += 16
  }
  return Math.round((count / (performance.now() - started)) * 1000)
}

function heapFigures(): CronFigure[] {
  const here = fileURLToPath(import.meta.url)
  const child = spawnSync(process.execPath, ['--expose-gc', ...process.execArgv, here, HEAP_FLAG], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`the heap could not be measured: ${child.stderr}`)
  const bytes = JSON.parse(child.stdout) as { ours: number; decoded: number; parser: number; croner: number }
  const yardstick = { name: 'cron-parser', value: bytes.parser }
  return [
    { name: 'heap per expression, compiled', value: bytes.ours, unit: 'B', target: BYTES_EACH_MAX, yardstick },
    {
      name: 'heap per expression, read from the store',
      value: bytes.decoded,
      unit: 'B',
      target: BYTES_EACH_MAX,
      yardstick,
    },
    { name: 'heap per expression, croner', value: bytes.croner, unit: 'B' },
  ]
}

function measureHeap(): void {
  const zones = Intl.supportedValuesOf('timeZone')
    .filter((_, index) => index % 20 === 0)
    .slice(0, 20)
  const zoneOf = (index: number) => zones[index % zones.length] as string
  for (const zone of zones) for (const target of TARGETS) next(compile(target[0], zone))
  const stored = Array.from({ length: EXPRESSIONS_HELD }, (_, index) =>
    encodeValue('', compile(differentExpression(index), zoneOf(index))),
  )
  const bytes = {
    ours: heapOf(EXPRESSIONS_HELD, (index) => next(compile(differentExpression(index), zoneOf(index)))),
    decoded: heapOf(EXPRESSIONS_HELD, (index) => {
      const found = decodeValue('', Uint8Array.from(stored[index] as Uint8Array))
      return next(compactSchedule(found?.value as CompiledSchedule))
    }),
    parser: heapOf(OTHERS_HELD, (index) =>
      CronExpressionParser.parse(differentExpression(index), { tz: zoneOf(index) }),
    ),
    croner: heapOf(
      OTHERS_HELD,
      (index) => new Cron(differentExpression(index), { timezone: zoneOf(index), paused: true }),
    ),
  }
  if (stored.length !== EXPRESSIONS_HELD) throw new Error('the collector took what is read')
  process.stdout.write(JSON.stringify(bytes))
}

/** Bytes of heap for each of `count` things, the array that holds them not counted. */
function heapOf(count: number, make: (index: number) => unknown): number {
  const collect = () => {
    for (let times = 0; times < 4; times++) (globalThis.gc as () => void)()
  }
  const held = Array.from<unknown>({ length: count })
  collect()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < count; index++) held[index] = make(index)
  collect()
  const bytes = (process.memoryUsage().heapUsed - before) / count
  if (held.length !== count) throw new Error('the collector took what is measured')
  return Math.round(bytes)
}

/** A hundred thousand expressions of which no two are equal. */
function differentExpression(index: number): string {
  const minute = index % 60
  const hour = Math.floor(index / 60) % 24
  const day = (Math.floor(index / 1440) % 28) + 1
  const month = (Math.floor(index / 40_320) % 12) + 1
  return `${minute} ${hour} ${day} ${month} *`
}

function compile(expression: string, zone: string): CompiledSchedule {
  return compileSchedule({ id: 'main', cron: expression, zone, gap: 'next', fold: 'first', jitterMs: 0 }, 1)
}

function next(schedule: CompiledSchedule): CompiledSchedule {
  nextFire([schedule], { after: START, spread: 1, fireCount: 0, createdAt: 0 })
  return schedule
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}

function print(figures: readonly CronFigure[]): void {
  for (const { name, value, unit, target, yardstick } of figures) {
    const beside = yardstick === undefined ? '' : `  ${yardstick.name} ${yardstick.value.toLocaleString('en')}`
    const aim = target === undefined ? '' : `  target ${target.toLocaleString('en')}`
    process.stdout.write(
      `${name.padEnd(48)} ${value.toLocaleString('en').padStart(12)} ${unit.padEnd(3)}${aim}${beside}\n`,
    )
  }
}

if (process.argv.includes(HEAP_FLAG)) measureHeap()
else if (process.argv[1] === fileURLToPath(import.meta.url)) print(await benchCron())
