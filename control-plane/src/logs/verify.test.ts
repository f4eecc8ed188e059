import { expect, test } from 'vitest'
import { HOUR_MS } from '../state/counters.ts'
import { isBefore } from '../state/sinks.ts'
import { DeliveryWorld } from './delivery-world.test-helper.ts'
import type { HourSum, LogRow, LogRowKind, RowMark } from './row.ts'
import { hourOfRow, rowSum } from './row-sum.ts'
import type { Sequence } from './sink.ts'
import type { VerifyReport } from './sinks-port.ts'
import { verifySink } from './verify.ts'

/** What a database answers that has these rows. */
function targetOf(rows: () => LogRow[], altered: (row: LogRow) => boolean = () => false) {
  const sumOf = (row: LogRow) => rowSum(row) + (altered(row) ? 1 : 0)
  const upTo = (place: Sequence) => rows().filter(({ row }) => !isBefore(place, row.sequence))
  return {
    drilled: 0,
    async *sums(place: Sequence): AsyncGenerator<HourSum> {
      const sums = new Map<string, HourSum>()
      for (const row of upTo(place)) {
        const [kind, hour] = [row.kind, hourOfRow(row)]
        const one = sums.get(`${kind}${hour}`) ?? { kind, hour, count: 0, sum: 0, altered: 0 }
        sums.set(`${kind}${hour}`, {
          ...one,
          count: one.count + 1,
          sum: one.sum + sumOf(row),
          altered: (one.altered ?? 0) + (altered(row) ? 1 : 0),
        })
      }
      for (const sum of sums.values()) yield await Promise.resolve(sum)
    },
    async *rowsOf(kind: LogRowKind, hour: number, place: Sequence): AsyncGenerator<readonly RowMark[]> {
      this.drilled += 1
      for (const row of upTo(place)) {
        if (row.kind !== kind || hourOfRow(row) !== hour) continue
        yield await Promise.resolve([[...row.row.sequence, sumOf(row)]])
      }
    },
  }
}

/** A world with a sink that has three hours of rows, five in each. */
async function delivered(): Promise<DeliveryWorld> {
  const world = new DeliveryWorld()
  world.put('a')
  world.newLeader()
  for (let hour = 0; hour < 3; hour++) {
    world.end(3)
    world.end(2)
    await world.pass(HOUR_MS, 60_000)
  }
  return world
}

async function reportOf(world: DeliveryWorld, target: ReturnType<typeof targetOf>): Promise<VerifyReport> {
  const deps = { state: () => world.state, store: world.shelf }
  const signal = new AbortController().signal
  let report: VerifyReport | undefined
  for await (const step of verifySink(deps, world.sink('a'), target, signal)) if ('report' in step) report = step.report
  if (!report) throw new Error('there is no report')
  return report
}

const rowsOf = (world: DeliveryWorld) => [...world.database('a').rows.values()]
const hourOf = (world: DeliveryWorld, at: number) => hourOfRow(rowsOf(world)[at] as LogRow)

test('a sink that has every row of the ledger is equal, hour by hour, and no row is looked at', async () => {
  const world = await delivered()
  const target = targetOf(() => rowsOf(world))
  const report = await reportOf(world, target)
  expect(report).toMatchObject({ equal: true, rows: 15, hours: 3, differences: [], more: 0 })
  expect(report.upTo).toEqual(world.written.at(-1))
  expect(target.drilled).toBe(0)
})

test('a row that is missing, and one that was altered, are named by their hour and kind', async () => {
  const world = await delivered()
  const rows = rowsOf(world)
  const missing = targetOf(() => rows.filter((_, at) => at !== 6))
  expect(await reportOf(world, missing)).toMatchObject({
    equal: false,
    differences: [{ hour: hourOf(world, 6), kind: 'run', ledger: 5, sink: 4 }],
  })
  const altered = targetOf(
    () => rows,
    (row) => row === rows[12],
  )
  expect(await reportOf(world, altered)).toMatchObject({
    equal: false,
    differences: [{ hour: hourOf(world, 12), kind: 'run', ledger: 5, sink: 4 }],
  })
})

test('what has left the ledger is no difference, unless the sink itself says that it was altered', async () => {
  const world = await delivered()
  const rows = rowsOf(world)
  const gone = rows.slice(0, 7).map(({ row }) => row as { id: string; state: 'succeeded'; fireTime: number })
  const runs = gone.map(({ id, state, fireTime }, at) => {
    return { id, state, fireTime, sequence: world.written[at] as Sequence, attempts: [] }
  })
  const jobs = [{ job: 7, namespace: 1, runs, stretches: [] }]
  world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs })
  expect(world.sink('a').gaps).toEqual([])
  const target = targetOf(() => rows)
  expect(await reportOf(world, target)).toMatchObject({ equal: true, rows: 8, hours: 2 })
  expect(target.drilled).toBe(1)
  const altered = targetOf(
    () => rows,
    (row) => row === rows[0],
  )
  expect(await reportOf(world, altered)).toMatchObject({
    equal: false,
    differences: [{ hour: hourOf(world, 0), ledger: 5, sink: 4 }],
  })
})

test('rows behind the cursor are not compared', async () => {
  const world = await delivered()
  world.database('a').next = () => 'hangs'
  world.end(4)
  await world.pass(1000)
  expect(
    await reportOf(
      world,
      targetOf(() => rowsOf(world)),
    ),
  ).toMatchObject({ equal: true, rows: 15 })
})
