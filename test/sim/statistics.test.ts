import { expect, test } from 'vitest'
import { LEDGER_OPTIONS } from '../../control-plane/src/scheduler/ledger-keeper.ts'
import { foldedDays } from '../../control-plane/src/store/day-rows.ts'
import { cellsBetween } from '../../control-plane/src/stats/cells.ts'
import { addSum, countedIn, emptySum } from '../../control-plane/src/stats/sum.ts'
import { LedgerWorld } from './ledger-world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Jobs that run every few hours for some days, each at its own pace. */
async function busy(days: number, options = LEDGER_OPTIONS): Promise<LedgerWorld> {
  const world = new LedgerWorld(options)
  const jobs = Array.from({ length: 70 }, (_, i) => world.job(`job-${i}`))
  for (let hour = 0; hour < days * 24; hour++) {
    for (const [i, job] of jobs.entries()) {
      if (hour % ((i % 8) + 1) === 0) world.end(world.start(job), (hour + i) % 3 === 0 ? 'failed' : 'succeeded')
    }
    await world.store.flush()
    await world.clock.pass(HOUR)
  }
  return world
}

/** What everybody counted between two instants, read as the cells say. */
async function countedBy(world: LedgerWorld, from: number, to: number, countedTo = world.state.countedTo) {
  const hoursFrom = (await world.ledger.oldestHour()) ?? Number.POSITIVE_INFINITY
  const cells = cellsBetween([from, to], { countedTo, hoursFrom })
  const owners = [world.namespace, ...world.state.jobs.keys()]
  return Promise.all(
    owners.map(async (owner) => {
      const total = emptySum()
      for (const sum of await world.ledger.counted(owner, cells)) if (sum) addSum(total, sum)
      return countedIn(total)
    }),
  )
}

test('days that are over have rows that say what their hours said, and other nodes have the same', async () => {
  const world = await busy(4)
  await world.keep()
  const { now, countedTo } = world.state
  expect(countedTo).toBe(now - (now % DAY))
  const from = (await world.ledger.oldestDay()) ?? 0
  const byDay = await countedBy(world, from, countedTo)
  expect(byDay).toEqual(await countedBy(world, from, countedTo, 0))
  expect(byDay[0]?.runs.succeeded).toBeGreaterThan(300)
  // 71 owners of counters are two rows.
  expect(await world.keys('C/')).toHaveLength(2 * ((countedTo - from) / DAY))
  await world.store.flush()
  const { own, other } = await world.replica(Math.floor(world.log.length / 2))
  expect(own).toBe(other)
})

test('a leader that begins a day anew makes the same rows', async () => {
  const world = await busy(2)
  const folded = async () => {
    const rows: unknown[] = []
    for await (const { days } of foldedDays(world.store, { countedTo: 0 }, world.state.now)) rows.push(...(days ?? []))
    return rows
  }
  const first = await folded()
  await world.keep()
  expect(await folded()).toEqual(first)
  expect(first.length).toBe((await world.keys('C/')).length)
})

test('hours go only when their day has its rows, and days when their time is over', async () => {
  const world = await busy(3, { ...LEDGER_OPTIONS, countersMaxAgeMs: HOUR, daysMaxAgeMs: 31 * DAY })
  const total = await countedBy(world, world.state.now - 4 * DAY, world.state.now + 1, 0)
  await world.keep()
  const { countedTo } = world.state
  expect(await world.ledger.oldestHour()).toBe(countedTo)
  const from = (await world.ledger.oldestDay()) ?? 0
  expect(await countedBy(world, from, world.state.now + 1)).toEqual(total)
  await world.clock.pass(30 * DAY)
  await world.keep()
  expect((await world.ledger.oldestDay()) ?? 0).toBeGreaterThan(from)
  expect((await world.ledger.oldestDay()) ?? 0).toBeGreaterThanOrEqual(world.clock.now() - 32 * DAY)
  expect(await world.keys('C/')).not.toHaveLength(0)
})
