import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { Alarms } from './alarms.ts'
import { ClockSteps } from './clock-steps.ts'
import { ClockWatch } from './clock-watch.ts'
import { raftId } from './member-id.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const [ONE, TWO, THREE] = ['1'.repeat(16), '2'.repeat(16), '3'.repeat(16)] as const
const HOUR_MS = 3_600_000

/** A node whose clock, and those of others, are what the test says; `others` are ahead of true time by so much. */
function watching(voters: string[] = [ONE, TWO, THREE]) {
  const clock = new VirtualClock(1_700_000_000_000)
  const others = new Map<string, number>(voters.slice(1).map((id) => [id, 0]))
  const alarms = new Alarms(quiet)
  const steps = new ClockSteps(clock, 60_000)
  const restraint = { yields: false }
  const transfers: (string | undefined)[] = []
  const leadership = { term: 1, leader: ONE, isLeader: true, signal: new AbortController().signal }
  const watch = new ClockWatch({
    clock,
    logger: quiet,
    alarms,
    node: ONE,
    network: {
      clockOffsets: () =>
        new Map([...others].map(([id, ahead]) => [raftId(id), clock.monotonic() + ahead - clock.now()])),
    },
    consensus: {
      leadership: () => leadership,
      membership: () => ({ voters, learners: [], outgoing: [] }),
      transfer(to) {
        transfers.push(to)
        leadership.isLeader = false
        return Promise.resolve()
      },
    },
    steps,
    restraint,
    maxSkewMs: 500,
  })
  watch.start()
  const pass = (ms: number) => clock.run(clock.monotonic() + ms)
  const codes = () => alarms.list.map(({ code }) => code)
  return { clock, others, steps, restraint, transfers, leadership, watch, pass, codes }
}

describe('a node whose clock is wrong', () => {
  test('hands leadership to the voter nearest the median, once, and does not stand for it', async () => {
    const node = watching()
    node.others.set(THREE, 300)
    await node.pass(3000)
    expect(node.transfers).toEqual([])
    node.clock.step(900)
    await node.pass(3000)
    expect(node.transfers).toEqual([THREE])
    expect(node.restraint.yields).toBe(true)
    expect(node.codes()).toEqual(['clock-skewed'])
    node.clock.step(-900)
    await node.pass(1000)
    expect(node.restraint.yields).toBe(false)
    expect(node.codes()).toEqual([])
  })

  test('keeps it when there are only two clocks, and says that they differ', async () => {
    const node = watching([ONE, TWO])
    node.clock.step(5000)
    await node.pass(2000)
    expect(node.transfers).toEqual([])
    expect(node.restraint.yields).toBe(false)
    expect(node.codes()).toEqual(['clock-skewed'])
  })

  test('pauses firing after a step that others do not confirm, until the clock is back', async () => {
    const node = watching()
    node.clock.step(HOUR_MS)
    await node.pass(2000)
    expect(node.steps.trusted).toBe(false)
    expect(node.codes()).toContain('firing-paused')
    node.clock.step(-HOUR_MS)
    await node.pass(1000)
    expect(node.steps.trusted).toBe(true)
    expect(node.codes()).toEqual([])
  })

  test('takes a step that a majority has made for time that passed', async () => {
    const node = watching()
    node.clock.step(HOUR_MS)
    expect(node.steps.trusted).toBe(false)
    node.others.set(TWO, HOUR_MS)
    node.others.set(THREE, HOUR_MS + 100)
    await node.pass(1000)
    expect(node.steps.trusted).toBe(true)
    expect(node.codes()).toEqual([])
  })

  test('alone has nobody to confirm a step', async () => {
    const node = watching([ONE])
    node.clock.step(HOUR_MS)
    await node.pass(60_000)
    expect(node.steps.trusted).toBe(false)
    expect(node.codes()).toEqual(['firing-paused'])
  })
})
