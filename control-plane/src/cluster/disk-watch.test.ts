import { describe, expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Command } from '../state/commands.ts'
import { Alarms } from './alarms.ts'
import { DiskWatch } from './disk-watch.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const MIB = 1024 * 1024
const DEFINITION: Command = {
  kind: 'namespace-put',
  at: 0,
  name: 'n',
  change: { description: '', slots: 1 },
} as Command
const DELETION: Command = { kind: 'namespace-delete', at: 0, name: 'n' }
const FINISHES: Command = { kind: 'attempts-finished', at: 0, finishes: [] }

/** A disk on which as much is free as the test says. */
async function watching(reserveBytes = 256 * MIB) {
  const clock = new StillClock()
  const disk = { free: () => free(), reserveBytes }
  let free = () => Promise.resolve(1024 * MIB)
  const alarms = new Alarms(quiet)
  const watch = new DiskWatch({ clock, alarms, disk })
  watch.start()
  await clock.pass(1000)
  return {
    clock,
    alarms,
    watch,
    async has(bytes: () => Promise<number>) {
      free = bytes
      await clock.pass(1000)
    },
  }
}

describe('a data folder without space', () => {
  test('takes definitions while there is more than the reserve', async () => {
    const { watch, alarms, has } = await watching()
    await has(() => Promise.resolve(256 * MIB))
    expect(() => watch.admit(DEFINITION)).not.toThrow()
    expect(alarms.list).toEqual([])
  })

  test('refuses new ones below it, takes finishes and deletions, and says so', async () => {
    const { watch, alarms, has } = await watching()
    await has(() => Promise.resolve(100 * MIB))
    expect(() => watch.admit(DEFINITION)).toThrow(expect.objectContaining({ code: 'disk-full', status: 507 }))
    expect(() => watch.admit(DELETION)).not.toThrow()
    expect(() => watch.admit(FINISHES)).not.toThrow()
    expect(alarms.list).toMatchObject([{ code: 'disk-full', detail: expect.stringContaining('100MiB') }])
  })

  test('takes them again by itself once there is space', async () => {
    const { watch, alarms, has } = await watching()
    await has(() => Promise.resolve(0))
    await has(() => Promise.resolve(300 * MIB))
    expect(() => watch.admit(DEFINITION)).not.toThrow()
    expect(alarms.list).toEqual([])
  })

  test('stays as it was while the disk does not say', async () => {
    const { watch, has } = await watching()
    await has(() => Promise.resolve(0))
    await has(() => Promise.reject(new Error('EIO')))
    expect(() => watch.admit(DEFINITION)).toThrow()
    await has(() => Promise.resolve(300 * MIB))
    expect(() => watch.admit(DEFINITION)).not.toThrow()
  })

  test('is not looked at without a reserve', async () => {
    const { watch, clock } = await watching(0)
    expect(clock.timers).toBe(0)
    expect(() => watch.admit(DEFINITION)).not.toThrow()
  })

  test('is not looked at any more after the end', async () => {
    const { watch, clock } = await watching()
    watch.stop()
    await clock.pass(1000)
    expect(clock.timers).toBe(0)
  })
})
