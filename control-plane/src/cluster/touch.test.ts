import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { Touch } from './touch.ts'

const LIMIT_MS = 1500

/** A node whose questions are answered, and whose state comes as far, when the test says so. */
class Bench {
  readonly clock = new VirtualClock(0)
  readonly asked: { at: number; answer: () => void; refuse: () => void }[] = []
  readonly said: string[] = []
  answers = true
  applied = true
  isMember = true
  leads = { isLeader: false, inTouch: true }
  readonly touch: Touch

  constructor() {
    this.touch = new Touch({
      clock: this.clock,
      limitMs: LIMIT_MS,
      isMember: () => this.isMember,
      consensus: {
        leadership: () => ({
          term: 1,
          leader: 'l',
          isLeader: this.leads.isLeader,
          signal: new AbortController().signal,
        }),
        inTouch: () => this.leads.inTouch,
        readIndex: () =>
          new Promise((resolve, reject) => {
            const question = {
              at: this.clock.monotonic(),
              answer: () => resolve(7),
              refuse: () => reject(new Error('nobody leads')),
            }
            this.asked.push(question)
            if (this.answers) question.answer()
          }),
        waitApplied: () => (this.applied ? Promise.resolve() : new Promise(() => undefined)),
      },
      onFound: () => void this.said.push('found'),
      onLost: () => void this.said.push('lost'),
    })
  }

  async run(until: number): Promise<boolean> {
    await this.clock.run(until)
    // What promises have set off.
    await new Promise((resolve) => setImmediate(resolve))
    return this.touch.inTouch()
  }
}

test('a node whose questions are answered is in touch, from the first answer on', async () => {
  const bench = new Bench()
  expect(bench.touch.inTouch()).toBe(false)
  bench.touch.start()
  for (let at = 10; at < 10_000; at += 500) expect(await bench.run(at)).toBe(true)
  expect(bench.said).toEqual(['found'])
})

test('it counts from when the question was asked, not from when the answer came', async () => {
  const bench = new Bench()
  bench.answers = false
  bench.touch.start()
  await bench.run(1000)
  bench.asked[0]?.answer()
  expect(await bench.run(1400)).toBe(true)
  expect(await bench.run(LIMIT_MS + 1)).toBe(false)
})

test('without an answer it is lost half of the time before others may give the node up', async () => {
  const bench = new Bench()
  bench.touch.start()
  await bench.run(3000)
  bench.answers = false
  expect(await bench.run(3000 + LIMIT_MS)).toBe(true)
  expect(await bench.run(3000 + LIMIT_MS + 501)).toBe(false)
  expect(bench.said).toEqual(['found', 'lost'])
})

test('one that stood still is out of touch at once, whatever answers to earlier questions it finds', async () => {
  const bench = new Bench()
  bench.touch.start()
  await bench.run(1400)
  bench.answers = false
  await bench.run(1600)
  const before = bench.asked.at(-1)
  bench.clock.leap(5000)
  expect(bench.touch.inTouch()).toBe(false)
  before?.answer()
  await bench.run(bench.clock.monotonic() + 1)
  expect(bench.touch.inTouch()).toBe(false)
  bench.answers = true
  expect(await bench.run(bench.clock.monotonic() + 600)).toBe(true)
})

test('one whose machine slept asks anew: its wall clock has gone on, and its monotonic one has not', async () => {
  const bench = new Bench()
  bench.touch.start()
  await bench.run(1400)
  bench.clock.step(60_000)
  expect(bench.touch.inTouch()).toBe(false)
  expect(await bench.run(2000)).toBe(true)
  bench.clock.step(-60_000)
  expect(bench.touch.inTouch()).toBe(true)
})

test('an answer counts only once what was committed by then is applied here', async () => {
  const bench = new Bench()
  bench.applied = false
  bench.touch.start()
  expect(await bench.run(2000)).toBe(false)
})

test('a leader that hears no majority, and who is no member any more, sends nothing either', async () => {
  const bench = new Bench()
  bench.touch.start()
  bench.leads = { isLeader: true, inTouch: false }
  expect(await bench.run(100)).toBe(false)
  bench.leads = { isLeader: true, inTouch: true }
  expect(await bench.run(200)).toBe(true)
  bench.isMember = false
  expect(await bench.run(300)).toBe(false)
})
