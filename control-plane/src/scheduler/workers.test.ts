import { expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { ShardWorld } from '../state/shard-world.test-helper.ts'
import type { Ask, Delivery, Handed, Plan } from './evaluation.ts'
import { Workers } from './workers.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** Workers whose leader is the test. */
class Bench {
  readonly clock = new StillClock()
  readonly world = new ShardWorld()
  readonly asks: { ask: Ask; give(delivery: Partial<Delivery>): void; fail(): void }[] = []
  readonly plans: { plan: Plan; take(handed?: Partial<Handed>): void; fail(): void }[] = []
  readonly waits: { index: number; reach(): void }[] = []
  room: number
  inTouch = true
  incarnation = 1
  readonly workers: Workers

  constructor({ count = 1, roomMin = 0, room = 100 } = {}) {
    this.room = room
    this.world.executor('e1')
    this.workers = new Workers({
      clock: this.clock,
      random: { next: () => 0, bytes: (length) => new Uint8Array(length) },
      logger: quiet,
      node: 'n',
      count,
      port: {
        ask: (ask) =>
          new Promise((resolve, reject) => {
            const give = (delivery: Partial<Delivery>) =>
              resolve({ token: 't', index: 0, evaluations: [], ...delivery })
            this.asks.push({ ask, give, fail: () => reject(new Error('no leader')) })
          }),
        hand: (plan) =>
          new Promise((resolve, reject) => {
            const take = (handed: Partial<Handed> = {}) => resolve({ known: true, index: 0, ...handed })
            this.plans.push({ plan, take, fail: () => reject(new Error('lost')) })
          }),
      },
      state: () => this.world.state,
      incarnation: () => this.incarnation,
      inTouch: () => this.inTouch,
      room: () => this.room,
      roomMin,
      waitApplied: (index) => new Promise((resolve) => void this.waits.push({ index, reach: () => resolve() })),
    })
    this.workers.start()
  }

  fires(name: string) {
    const job = this.world.job({}, name)
    return { job: job.uid, wanted: { kind: 'fires' as const, version: job.version, fires: 1 } }
  }

  pass(ms = 0): Promise<void> {
    return this.clock.pass(ms)
  }
}

test('a worker plans what it was given, hands it back under its token, and asks again meanwhile', async () => {
  const bench = new Bench()
  bench.asks[0]?.give({ token: '1.1', evaluations: [bench.fires('a')] })
  await bench.pass()
  expect(bench.plans[0]?.plan).toEqual({
    node: 'n',
    incarnation: 1,
    worker: 1,
    token: '1.1',
    planned: [{ places: ['e1'] }],
  })
  expect(bench.asks[1]?.ask).toMatchObject({ node: 'n', incarnation: 1, worker: 1, holds: ['1.1'] })
  bench.plans[0]?.take()
  await bench.pass()
  bench.asks[1]?.give({})
  await bench.pass()
  expect(bench.asks[2]?.ask.holds).toEqual([])
})

test('it plans only once the state here has come as far as what it was given', async () => {
  const bench = new Bench()
  const evaluation = bench.fires('a')
  bench.asks[0]?.give({ token: '1.1', index: bench.world.state.index + 5, evaluations: [evaluation] })
  await bench.pass()
  expect(bench.plans).toEqual([])
  expect(bench.waits[0]?.index).toBe(bench.world.state.index + 5)
  bench.waits[0]?.reach()
  await bench.pass()
  expect(bench.plans).toHaveLength(1)
})

test('it asks for no more than its node has room for, what it is planning included', async () => {
  const bench = new Bench({ count: 2, room: 3 })
  expect(bench.asks.map(({ ask }) => ask.room)).toEqual([3])
  bench.asks[0]?.give({ token: '1.1', evaluations: [bench.fires('a'), bench.fires('b')] })
  await bench.pass()
  expect(bench.asks.slice(1).map(({ ask }) => ask.room)).toEqual([1])
  bench.asks[1]?.give({ token: '1.2', evaluations: [bench.fires('c')] })
  await bench.pass(1000)
  expect(bench.asks).toHaveLength(2)
  // Until what was planned is applied here, its calls are neither under way nor forgotten.
  bench.plans[0]?.take({ index: bench.world.state.index + 1 })
  await bench.pass()
  expect(bench.asks).toHaveLength(2)
  bench.waits[0]?.reach()
  await bench.pass()
  await bench.pass()
  expect(bench.asks.slice(2).map(({ ask }) => ask.room)).toEqual([2])
})

test('a node that may not send, or is not known, asks for nothing until it may', async () => {
  const bench = new Bench()
  bench.inTouch = false
  bench.asks[0]?.give({})
  await bench.pass(1000)
  await bench.pass(1000)
  expect(bench.asks).toHaveLength(1)
  bench.inTouch = true
  bench.incarnation = 0
  bench.workers.poke()
  await bench.pass()
  expect(bench.asks).toHaveLength(1)
  bench.incarnation = 2
  bench.workers.poke()
  await bench.pass()
  expect(bench.asks[1]?.ask.incarnation).toBe(2)
})

test('with hardly any room it waits a moment for more, so that it does not ask for one after the other', async () => {
  const bench = new Bench({ roomMin: 8 })
  bench.room = 1
  bench.asks[0]?.give({})
  await bench.pass()
  expect(bench.asks).toHaveLength(1)
  bench.room = 5
  await bench.pass(5)
  expect(bench.asks[1]?.ask.room).toBe(5)
})

test('a plan that nobody answered for is handed back again, and one that the leader does not know is let go', async () => {
  const bench = new Bench()
  bench.asks[0]?.give({ token: '1.1', evaluations: [bench.fires('a')] })
  await bench.pass()
  bench.plans[0]?.fail()
  await bench.pass()
  await bench.pass(100)
  expect(bench.plans[1]?.plan).toEqual(bench.plans[0]?.plan)
  bench.plans[1]?.take({ known: false })
  await bench.pass()
  bench.asks[1]?.give({})
  await bench.pass()
  expect(bench.asks[2]?.ask.holds).toEqual([])
})

test('after an answer that did not come it asks again a little later, not in a tight loop', async () => {
  const bench = new Bench()
  bench.asks[0]?.fail()
  await bench.pass()
  expect(bench.asks).toHaveLength(1)
  await bench.pass(100)
  expect(bench.asks).toHaveLength(2)
})

test('one that is stopped asks for nothing more', async () => {
  const bench = new Bench()
  bench.workers.stop()
  bench.asks[0]?.give({})
  await bench.pass(1000)
  expect(bench.asks).toHaveLength(1)
})
