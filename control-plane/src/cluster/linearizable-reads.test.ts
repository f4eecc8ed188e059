import { expect, test } from 'vitest'
import { StillClock } from '../api/fixtures.ts'
import { LinearizableReads } from './linearizable-reads.ts'

/** Reads of a node whose leader answers when the test says so. */
function bench() {
  const clock = new StillClock()
  const asked: string[] = []
  const reads = new LinearizableReads({
    clock,
    prefix: 'n1',
    retryMs: 1000,
    timeoutMs: 5000,
    ask: (context) => void asked.push(context),
  })
  return { clock, asked, reads }
}

test('a read is answered with the index of a round that began after it', async () => {
  const { asked, reads, clock } = bench()
  const first = reads.read()
  const [later, latest] = [reads.read(), reads.read()]
  expect(asked).toEqual(['n1-1'])
  reads.answered('n1-1', 7)
  expect(await first).toBe(7)
  expect(asked).toEqual(['n1-1', 'n1-2'])
  reads.answered('n1-1', 8)
  reads.answered('n1-2', 9)
  expect(await Promise.all([later, latest])).toEqual([9, 9])
  expect(clock.timers).toBe(0)
})

test('a leader that answers at once is heard', async () => {
  const clock = new StillClock()
  const reads: LinearizableReads = new LinearizableReads({
    clock,
    prefix: 'n1',
    retryMs: 1000,
    timeoutMs: 5000,
    ask: (context) => reads.answered(context, 3),
  })
  expect(await reads.read()).toBe(3)
  expect(clock.timers).toBe(0)
})

test('a round that was lost is asked for again, for all who wait, until their time is over', async () => {
  const { asked, reads, clock } = bench()
  const first = reads.read()
  clock.pass(1000)
  const second = reads.read()
  const refused = expect(first).rejects.toMatchObject({ code: 'not-leader' })
  for (let i = 0; i < 4; i++) clock.pass(1000)
  await refused
  reads.answered(asked.at(-1) ?? '', 5)
  expect(await second).toBe(5)
})

test('a stop refuses all who wait', async () => {
  const { reads, clock } = bench()
  const waiting = [reads.read(), reads.read()].map((read) => expect(read).rejects.toMatchObject({ code: 'not-leader' }))
  reads.stop()
  await Promise.all(waiting)
  expect(clock.timers).toBe(0)
})
