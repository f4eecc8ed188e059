import { expect, test } from 'vitest'
import { StillClock } from '../api/fixtures.ts'
import { Office } from './office.ts'

const [ME, YOU] = ['1'.repeat(16), '2'.repeat(16)]

test('each term in office has a signal of its own, which is aborted when the term ends', () => {
  const office = new Office(ME, 0)
  expect(office.current.signal.aborted).toBe(true)
  office.take(1)
  const { signal } = office.current
  office.take(1)
  expect(signal.aborted).toBe(false)
  office.follow(2, undefined)
  expect(signal.aborted).toBe(true)
  office.take(3)
  expect(office.current).toMatchObject({ term: 3, leader: ME, isLeader: true })
  expect(office.current.signal.aborted).toBe(false)
  expect(signal.aborted).toBe(true)
})

test('whoever listens hears of every change, once, until it stops listening', () => {
  const office = new Office(ME, 0)
  const heard: unknown[] = []
  const stop = office.onChange(({ term, leader }) => heard.push([term, leader]))
  office.follow(1, YOU)
  office.follow(1, YOU)
  office.take(2)
  stop()
  office.follow(3, YOU)
  expect(heard).toEqual([
    [1, YOU],
    [2, ME],
  ])
  expect(office.changes).toBe(3)
})

test('it is left when somebody else leads, not when nobody does', async () => {
  const clock = new StillClock()
  const office = new Office(ME, 0)
  office.take(1)
  const left = office.left(clock, 100)
  office.follow(2, undefined)
  office.follow(2, YOU)
  expect(await left).toBe(true)
  expect(clock.timers).toBe(0)
})

test('a wait for others to take over ends when its time is over', async () => {
  const clock = new StillClock()
  const office = new Office(ME, 0)
  office.take(1)
  const left = office.left(clock, 100)
  clock.pass(100)
  expect(await left).toBe(false)
})
