import { expect, test } from 'vitest'
import { ExpiringMap } from './expiring-map.ts'

test('entries leave in the order in which they came: the old ones first, and to make room', () => {
  const left: number[] = []
  const map = new ExpiringMap<number>(10, (value) => left.push(value))
  for (let i = 0; i < 5; i++) map.set(`k${i}`, i, i)
  map.set('k0', 100, 5)
  map.delete('k2')
  map.expire(11)
  map.dropOldest()
  expect(left).toEqual([0, 2, 1, 3])
  expect([map.size, map.get('k0'), map.get('k4')]).toEqual([2, 100, 4])
})

test('entries that are deleted soon, behind one that stays, take no memory for as long as it does', () => {
  const map = new ExpiringMap<number>(1_000_000)
  map.set('stays', 0, 0)
  for (let i = 0; i < 100_000; i++) {
    map.set(`k${i}`, i, 0)
    map.delete(`k${i}`)
  }
  expect(map.places).toBeLessThan(2000)
  map.set('last', 1, 0)
  map.dropOldest()
  expect([map.has('stays'), map.has('last')]).toEqual([false, true])
})
