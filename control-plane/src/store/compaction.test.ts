import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { Compaction, middleOf } from './compaction.ts'
import { openDatabase } from './level.ts'

const MB = 1024 * 1024

/** A database that has so many bytes in any range, until it is compacted. */
function fake(clock: StillClock, bytes: (from: string, to: string) => number) {
  const compacted: [from: string, to: string][] = []
  let tookMs = 0
  const compaction = new Compaction(
    {
      approximateSize: (from: string, to: string) => Promise.resolve(bytes(from, to)),
      compactRange: async (from: string, to: string) => {
        compacted.push([from, to])
        if (tookMs > 0) await new Promise<void>((resolve) => clock.after(tookMs, resolve))
      },
    },
    clock,
  )
  const remove = (count: number, kind = 'R') => {
    for (let at = 0; at < count; at++) compaction.removed(`${kind}/${String(at).padStart(10, '0')}`)
    compaction.written()
  }
  return { compaction, compacted, remove, takes: (ms: number) => (tookMs = ms) }
}

test('few rows that go are no reason, nor is what is rewritten anyway', async () => {
  const clock = new StillClock()
  const { compacted, remove } = fake(clock, () => 1)
  remove(10_000)
  remove(50_000, 'r')
  await clock.pass(10_000)
  expect(compacted).toEqual([])
  remove(10_001)
  await clock.pass(10_000)
  expect(compacted).toEqual([['R/0000000000', 'R/0000010000']])
})

test('what was removed is rewritten slice after slice, with rests in between that grow with what a slice takes', async () => {
  const clock = new StillClock()
  const keys = Array.from({ length: 20_000 }, (_, at) => `R/${String(at).padStart(10, '0')}`)
  const between = (from: string, to: string) => keys.filter((key) => key >= from && key < to).length
  const { compacted, remove, takes } = fake(clock, (from, to) => between(from, to) * 2000)
  takes(500)
  remove(20_000)
  await clock.pass(400)
  expect(compacted).toHaveLength(1)
  await clock.pass(2000)
  expect(compacted).toHaveLength(1)
  for (let second = 0; second < 60; second++) await clock.pass(1000)
  expect(compacted.length).toBeGreaterThan(2)
  expect([compacted[0]?.[0], compacted.at(-1)?.[1]]).toEqual(['R/0000000000', 'R/0000019999'])
  for (const [at, [from]] of compacted.entries()) if (at > 0) expect(from).toBe(compacted[at - 1]?.[1])
})

test('a store that closes waits for one slice at most', async () => {
  const clock = new StillClock()
  const { compaction, compacted, remove, takes } = fake(clock, (from, to) => (to.length - from.length + 40) * MB)
  takes(300)
  remove(20_000)
  await clock.pass(1)
  let isOver = false
  const stopping = compaction.stop().then(() => (isOver = true))
  await clock.pass(200)
  expect(isOver).toBe(false)
  await clock.pass(200)
  await stopping
  expect(compacted).toHaveLength(1)
})

test.each([
  ['R/a', 'R/c'],
  ['R/0000000001/s/x', 'R/000000zzzz/f/'],
  ['A/aaaa', 'A/zzzz'],
  ['R/a', 'R/a0'],
])('the middle between %s and %s lies between them', (first, last) => {
  const middle = middleOf(first, last)
  expect(middle !== undefined && first < middle && middle < last).toBe(true)
})

test('nothing lies between neighbours', () => {
  expect(middleOf('R/a', 'R/a')).toBeUndefined()
})

test('the room of rows that are gone is given back, and what stays is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cronclave-compaction-'))
  const database = await openDatabase(folder)
  try {
    const clock = new StillClock()
    const compaction = new Compaction(database, clock)
    const key = (at: number) => `R/${at.toString(36).padStart(10, '0')}`
    const rows = 24_000
    for (let from = 0; from < rows; from += 4000) {
      const batch = database.batch()
      for (let at = from; at < from + 4000; at++)
        batch.put(
          key(at),
          new Uint8Array(1000).map(() => (at * 31) % 251),
        )
      await batch.write()
    }
    const batch = database.batch()
    for (let at = 0; at < 21_000; at++) {
      batch.del(key(at))
      compaction.removed(key(at))
    }
    await batch.write({ sync: true })
    const count = async () => (await database.iterator({}).all()).length
    const before = await database.approximateSize('R/', 'R0')
    compaction.written()
    while (compaction.figures.slices === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      await clock.pass(10)
    }
    await compaction.stop()
    expect(await database.approximateSize('R/', 'R0')).toBeLessThan(before / 4)
    expect(await count()).toBe(3000)
  } finally {
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
