import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import { Alarms } from './alarms.ts'
import { Durations } from './durations.ts'
import { PaceWatch } from './pace-watch.ts'

function watching() {
  const lines: string[] = []
  const logger = { debug() {}, info() {}, warn: (_: object, line: string) => void lines.push(line), error() {} }
  const clock = new VirtualClock(0)
  const alarms = new Alarms(logger)
  const syncs = new Durations()
  new PaceWatch({ clock, alarms, syncs, heartbeatMs: 50 }).start()
  const writes = (count: number, ms: number) => {
    for (let at = 0; at < count; at++) syncs.add(ms)
  }
  const pass = (ms: number) => clock.run(clock.monotonic() + ms)
  const codes = () => alarms.list.map(({ code }) => code)
  return { clock, lines, writes, pass, codes }
}

describe('a node that is too slow for its heartbeats', () => {
  test('is warned of once while its disk is slow, and again the next time', async () => {
    const { lines, writes, pass, codes } = watching()
    for (const ms of [20, 25]) {
      writes(100, ms)
      await pass(10_000)
      expect(codes()).toEqual(['disk-slow'])
    }
    expect(lines).toHaveLength(1)
    writes(100, 2)
    await pass(10_000)
    expect(codes()).toEqual([])
    writes(100, 20)
    await pass(10_000)
    expect(lines).toHaveLength(2)
  })

  test('is not warned of for one slow write in hundreds, nor for a few writes', async () => {
    const { writes, pass, codes } = watching()
    writes(400, 2)
    writes(1, 300)
    await pass(10_000)
    expect(codes()).toEqual([])
    writes(5, 300)
    await pass(10_000)
    expect(codes()).toEqual([])
  })

  test('is warned of when its loop comes late', async () => {
    const { clock, pass, codes } = watching()
    for (let at = 0; at < 100; at++) {
      clock.leap(115)
      await pass(1)
    }
    expect(codes()).toEqual(['loop-slow'])
    await pass(20_000)
    expect(codes()).toEqual([])
  })
})
