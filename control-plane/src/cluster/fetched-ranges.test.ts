import { expect, test } from 'vitest'
import type { WalRecord } from '../wal/wal.ts'
import { FetchedRanges } from './fetched-ranges.ts'

test('one read at a time for one place, and no more reads than memory has room for', async () => {
  const { ranges, asked, answer } = fetched()
  for (const from of [1, 1, 101, 201, 301]) ranges.fetch(from, 500)
  expect(asked()).toEqual([1, 101])
  await answer(1, 10)
  ranges.fetch(201, 500)
  expect(asked()).toEqual([101, 201])
})

test('what was overwritten is not kept, nor what of it is being read', async () => {
  const { ranges, answer } = fetched()
  ranges.fetch(1, 500)
  await answer(1, 20)
  ranges.fetch(101, 500)
  ranges.truncate(11)
  await answer(101, 20)
  expect(ranges.slice(1, 21, 1e6, 500)?.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(ranges.slice(11, 21, 1e6, 500)).toBeUndefined()
  expect(ranges.slice(101, 121, 1e6, 500)).toBeUndefined()
  ranges.truncate(0)
  expect(ranges.bytes).toBe(0)
})

test('the range that was used last stays, the oldest one goes', async () => {
  const { ranges, answer } = fetched()
  for (const from of [1, 101, 201]) {
    ranges.fetch(from, 500)
    await answer(from, 8)
    expect(ranges.slice(1, 2, 1e6, 500)).toHaveLength(1)
  }
  expect([1, 101, 201].map((from) => ranges.slice(from, from + 1, 1e6, 500)?.length)).toEqual([1, undefined, 1])
})

test('a read that fails is told once, and does not block the place', async () => {
  const failures: Error[] = []
  const { ranges, asked, fail } = fetched((error) => failures.push(error))
  ranges.fetch(1, 500)
  await fail(1, new Error('the disk'))
  expect(failures.map(({ message }) => message)).toEqual(['the disk'])
  ranges.fetch(1, 500)
  expect(asked()).toEqual([1])
})

/** Ranges over a disk that answers when it is told to; two ranges of eight entries have room. */
function fetched(onFailed: (error: Error) => void = () => undefined) {
  const reads = new Map<number, { resolve: (records: WalRecord[]) => void; reject: (error: Error) => void }>()
  const ranges = new FetchedRanges({
    read: (from) => new Promise((resolve, reject) => reads.set(from, { resolve, reject })),
    fetchBytes: 1000,
    bytesMax: 2000,
    onFetched: () => undefined,
    onFailed,
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    ranges,
    asked: () => [...reads.keys()],
    async answer(from: number, count: number): Promise<void> {
      const payload = Buffer.from('\u0001payload')
      reads.get(from)!.resolve(Array.from({ length: count }, (_, i) => ({ index: from + i, term: 1, payload })))
      reads.delete(from)
      await settled()
    },
    async fail(from: number, error: Error): Promise<void> {
      reads.get(from)!.reject(error)
      reads.delete(from)
      await settled()
    },
  }
}
