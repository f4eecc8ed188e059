import { expect, test } from 'vitest'
import { Batcher, type Refusal } from './batcher.ts'

/** A log that takes entries of at most `room` items, and refuses those that stand in `refusals` first. */
function log(room: number, refusals: Refusal[] = []) {
  const entries: number[][] = []
  const batcher = new Batcher<number>(
    8,
    (items) => {
      if (refusals.length > 0 || items.length > room) return Promise.reject(new Error('refused'))
      entries.push(items)
      return Promise.resolve({ kind: 'applied', index: entries.length, value: undefined })
    },
    () => refusals.shift() ?? { next: 'smaller' },
  )
  return { batcher, entries }
}

test('what is too large for one entry goes in several, in order, and nothing is lost', async () => {
  const { batcher, entries } = log(3)
  for (let i = 0; i < 20; i++) batcher.add(i)
  await batcher.drained()
  expect(entries.flat()).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(Math.max(...entries.map(({ length }) => length))).toBeLessThanOrEqual(3)
})

test('one item that is too large alone is given up, the others go on', async () => {
  const { batcher, entries } = log(0)
  batcher.add(1)
  await batcher.drained()
  expect(entries).toEqual([])
})

test('what is refused for the moment is proposed again after the pause, before what came later', async () => {
  let goOn: () => void = () => undefined
  const pause = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const { batcher, entries } = log(8, [{ next: 'later', pause }])
  batcher.add(1)
  await Promise.resolve()
  batcher.add(2)
  goOn()
  await batcher.drained()
  expect(entries.flat()).toEqual([1, 2])
})

test('what may have been committed is dropped', async () => {
  const { batcher, entries } = log(8, [{ next: 'drop' }])
  batcher.add(1)
  await batcher.drained()
  expect(entries).toEqual([])
})
