import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import type { Entry, MessageOf } from '../raft/types.ts'
import { Applier } from './applier.ts'

/** An applier whose store has room when the test says so; each entry takes `costMs`. */
function bench({ costMs = 0, full = false } = {}) {
  const clock = new VirtualClock(0)
  const events: string[] = []
  const waiters: { resolve(): void; reject(error: Error): void }[] = []
  const applier = new Applier({
    clock,
    apply({ index }) {
      if (index === 13) throw new Error('it cannot be applied')
      clock.leap(costMs)
      events.push(String(index))
    },
    room: () => (full ? new Promise((resolve, reject) => void waiters.push({ resolve, reject })) : Promise.resolve()),
    deliver: (messages) => void events.push(...messages.map(({ type }) => type)),
    onFatal: (error) => void events.push(`fatal: ${(error as Error).message}`),
  })
  return { clock, events, applier, waiters }
}

function group(from: number, to: number): MessageOf<'storage-apply'> {
  const entries = Array.from({ length: to - from + 1 }, (_, at): Entry => {
    return { index: from + at, term: 1, kind: 'normal', data: new Uint8Array(0) }
  })
  const responses = [{ type: 'storage-apply-response' as const, from: -2, to: 1, term: 0, entries }]
  return { type: 'storage-apply', from: 1, to: -2, term: 0, entries, responses }
}

test('groups are applied in order, and each is answered after its last entry', async () => {
  const { events, applier } = bench()
  applier.push(group(1, 2))
  applier.push(group(3, 3))
  await applier.idle()
  expect(events).toEqual(['1', '2', 'storage-apply-response', '3', 'storage-apply-response'])
})

test('a long group lets others have the loop every few milliseconds', async () => {
  const { clock, events, applier } = bench({ costMs: 1 })
  applier.push(group(101, 140))
  await new Promise((resolve) => setImmediate(resolve))
  expect(events.length).toBeLessThan(20)
  await clock.run(clock.monotonic() + 1000)
  await applier.idle()
  expect(events).toHaveLength(41)
})

test('nothing is applied while the store has no room, and a stop does not wait for it for ever', async () => {
  const { clock, events, applier, waiters } = bench({ full: true })
  applier.push(group(1, 2))
  let idle = false
  void applier.idle(100).then(() => (idle = true))
  await clock.run(99)
  expect({ idle, events }).toEqual({ idle: false, events: [] })
  await clock.run(101)
  expect(idle).toBe(true)
  applier.stop()
  waiters[0]!.resolve()
  await applier.idle()
  applier.push(group(3, 3))
  await new Promise((resolve) => setImmediate(resolve))
  expect(events).toEqual([])
})

test('a store that fails, and an entry that cannot be applied, are fatal once, and nothing comes after', async () => {
  const { events, applier, waiters } = bench({ full: true })
  applier.push(group(1, 1))
  applier.push(group(2, 2))
  waiters[0]!.reject(new Error('EIO'))
  await applier.idle()
  expect(events).toEqual(['fatal: EIO'])
  const other = bench()
  other.applier.push(group(12, 14))
  other.applier.push(group(15, 15))
  await other.applier.idle()
  await new Promise((resolve) => setImmediate(resolve))
  expect(other.events).toEqual(['12', 'fatal: it cannot be applied'])
})
