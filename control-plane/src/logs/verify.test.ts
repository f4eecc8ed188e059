import { expect, test } from 'vitest'
import { HOUR_MS } from '../state/counters.ts'
import { comparable } from './comparable.test-helper.ts'
import { DeliveryWorld } from './delivery-world.test-helper.ts'
import type { RangeOptions } from '../store/store.ts'
import type { EndedRun } from '../runs/run.ts'
import type { OutboxReaderDeps } from './outbox-reader.ts'
import type { LogRow } from './row.ts'
import { hourOfRow } from './row-sum.ts'
import type { Sequence } from './sink.ts'
import type { VerifyReport } from './sinks-port.ts'
import { verifySink } from './verify.ts'

/** A database that has these rows; `drilled`: hours whose rows it was asked for. */
function targetOf(...rows: Parameters<typeof comparable>) {
  const { sums, rowsOf } = comparable(...rows)
  return {
    drilled: 0,
    sums,
    rowsOf(...of: Parameters<typeof rowsOf>) {
      this.drilled += 1
      return rowsOf(...of)
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

/** Takes some rows out of the ledger, by their places among all that were written. */
function trim(world: DeliveryWorld, from: number, to: number): void {
  const gone = rowsOf(world).slice(from, to)
  const runs = gone.map((row) => {
    const { id, state, fireTime, sequence } = row.row as EndedRun
    return { id, state, fireTime, sequence, attempts: [] }
  })
  const jobs = [{ job: 7, namespace: 1, runs, stretches: [] }]
  world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs })
}

async function reportOf(
  world: DeliveryWorld,
  target: Pick<ReturnType<typeof targetOf>, 'sums' | 'rowsOf'>,
  store: OutboxReaderDeps['store'] = world.shelf,
): Promise<VerifyReport> {
  const deps = { state: () => world.state, store }
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
  trim(world, 0, 7)
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

test('a row that the ledger never had is named, in an hour of the ledger and in one that it has no row of', async () => {
  const world = await delivered()
  const rows = rowsOf(world)
  const like = (at: number, sequence: Sequence, endedAt?: number): LogRow => {
    const row = rows[at] as LogRow & { kind: 'run' }
    return { ...row, row: { ...row.row, sequence, ...(endedAt === undefined ? {} : { endedAt }) } }
  }
  const [index] = world.written[6] as Sequence
  // Behind the last row of an entry, and at an entry that wrote none.
  const none = world.written.findLast(([one]) => one < index)?.[0] as number
  expect(index - none).toBeGreaterThan(1)
  const added = [like(6, [index, 7]), like(6, [none + 1, 0])]
  expect(
    await reportOf(
      world,
      targetOf(() => [...rows, ...added]),
    ),
  ).toMatchObject({
    equal: false,
    rows: 15,
    differences: [{ hour: hourOf(world, 6), kind: 'run', ledger: 5, sink: 5, extra: 2 }],
  })
  const empty = hourOf(world, 6) + 24 * HOUR_MS
  expect(
    await reportOf(
      world,
      targetOf(() => [...rows, like(6, [index, 8], empty)]),
    ),
  ).toMatchObject({
    equal: false,
    differences: [{ hour: empty, kind: 'run', ledger: 0, sink: 0, extra: 1 }],
  })
  const exchanged = [...rows.filter((_, at) => at !== 7), like(7, [index, 9])]
  expect(
    await reportOf(
      world,
      targetOf(() => exchanged),
    ),
  ).toMatchObject({
    differences: [{ hour: hourOf(world, 6), ledger: 5, sink: 4, extra: 1 }],
  })
})

test('an added row among those that have left the ledger is found where their numbers leave no place for it', async () => {
  const world = await delivered()
  const rows = rowsOf(world)
  trim(world, 0, 7)
  const [index] = world.written[6] as Sequence
  const like = (sequence: Sequence): LogRow => {
    const row = rows[5] as LogRow & { kind: 'run' }
    return { ...row, row: { ...row.row, sequence } }
  }
  // Of its entry one row is there still: how many there were is known.
  const added = targetOf(() => [...rows, like([index, 40])])
  expect(await reportOf(world, added)).toMatchObject({ differences: [{ ledger: 3, sink: 3, extra: 1 }] })
  // All that was before it has gone, and with it what there was.
  world.run({ kind: 'ledger-trim', asOf: world.state.index, jobs: [], outbox: [world.written[0]?.[0]] })
  const unknown = targetOf(() => [...rows, like([1, 0])])
  expect(await reportOf(world, unknown)).toMatchObject({ equal: true })
})

test('an hour of any size is compared with some rows in memory, not with all', async () => {
  const world = new DeliveryWorld()
  world.put('a')
  world.newLeader()
  for (let entry = 0; entry < 20; entry++) world.end(200)
  await world.pass(20_000)
  const rows = rowsOf(world)
  expect(rows).toHaveLength(4000)
  let read = 0
  const store = {
    range: <T>(options: RangeOptions) => world.shelf.range<T>(options),
    getMany: <T>(keys: readonly string[]) => {
      read += keys.length
      return world.shelf.getMany<T>(keys)
    },
  }
  const target = targetOf(() => rows.filter((_, at) => at !== 3777))
  let [given, most] = [0, 0]
  const counted = {
    ...target,
    async *rowsOf(...of: Parameters<typeof target.rowsOf>) {
      read = 0
      for await (const marks of target.rowsOf(...of)) {
        most = Math.max(most, Math.abs(read - given))
        given += marks.length
        yield marks
      }
    },
  }
  const report = await reportOf(world, counted, store)
  expect(report.differences).toMatchObject([{ ledger: 4000, sink: 3999 }])
  expect(given).toBe(3999)
  expect(most).toBeLessThanOrEqual(1024)
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
