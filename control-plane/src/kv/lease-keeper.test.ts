import { expect, test } from 'vitest'
import { StillClock } from '../api/fixtures.ts'
import type { Outcome } from '../cluster/consensus.ts'
import type { Command } from '../state/commands.ts'
import { type KvWorld, kvWorld } from '../state/kv-world.test-helper.ts'
import { LeaseKeeper } from './lease-keeper.ts'

/** A keeper over a state whose entries are applied as they are proposed. */
function bench() {
  const clock = new StillClock()
  let keeper: LeaseKeeper | undefined
  const world: KvWorld = kvWorld(({ events }) => {
    for (const event of events) keeper?.onEvent(event)
  })
  const proposed: Command[] = []
  const term = new AbortController()
  const setup = {
    clock,
    world,
    proposed,
    term,
    fails: false,
    propose(command: Command): Promise<Outcome> {
      proposed.push(command)
      if (setup.fails) return Promise.reject(new Error('no leader'))
      const { index, value } = world.run({ ...command })
      return Promise.resolve({ kind: 'applied', index, value })
    },
    /** Lets time pass in small steps, and what was proposed be answered. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 50) {
        clock.pass(Math.min(50, left))
        await Promise.resolve()
        await Promise.resolve()
      }
    },
    keeper: undefined as unknown as LeaseKeeper,
  }
  keeper = new LeaseKeeper({ clock, state: () => world.state, propose: (command) => setup.propose(command) })
  setup.keeper = keeper
  return setup
}

const leases = ({ world }: ReturnType<typeof bench>) => [...world.state.leases.keys()]

test('a lease that nobody keeps ends after its time to live, one that is kept does not', async () => {
  const all = bench()
  all.keeper.lead(all.term.signal)
  all.world.grant('short', { ttlMs: 1000 })
  all.world.grant('long', { ttlMs: 3000 })
  all.world.grant('kept', { ttlMs: 1000 })
  await all.pass(900)
  expect(all.keeper.keep('kept')).toBe(true)
  expect(leases(all)).toEqual(['short', 'long', 'kept'])
  await all.pass(300)
  expect(leases(all)).toEqual(['long', 'kept'])
  await all.pass(900)
  expect(leases(all)).toEqual(['long'])
  await all.pass(1100)
  expect(leases(all)).toEqual([])
  expect(all.clock.timers).toBe(0)
})

test('a new leader gives every lease its whole time', async () => {
  const all = bench()
  all.world.grant('old', { ttlMs: 1000 })
  await all.pass(100_000)
  all.keeper.lead(all.term.signal)
  await all.pass(950)
  expect(leases(all)).toEqual(['old'])
  await all.pass(200)
  expect(leases(all)).toEqual([])
})

test('who does not lead keeps nothing and ends nothing', async () => {
  const all = bench()
  all.keeper.lead(all.term.signal)
  all.world.grant('l1', { ttlMs: 1000 })
  all.term.abort()
  expect(all.keeper.keep('l1')).toBe(false)
  await all.pass(10_000)
  expect(all.proposed).toEqual([])
  expect(all.clock.timers).toBe(0)
})

test('a sign of life that came through the log counts, also while the end is under way', async () => {
  const all = bench()
  all.keeper.lead(all.term.signal)
  all.world.grant('l1', { ttlMs: 1000 })
  const { propose } = all
  all.propose = (command) => {
    // Elsewhere somebody kept it, and that entry comes first.
    if (all.proposed.length === 0) all.world.run({ kind: 'leases-kept', leases: ['l1'] })
    return propose(command)
  }
  await all.pass(1100)
  expect(all.proposed).toHaveLength(1)
  expect(leases(all)).toEqual(['l1'])
  await all.pass(1100)
  expect(leases(all)).toEqual([])
})

test('a lease whose end could not be committed is tried again', async () => {
  const all = bench()
  all.keeper.lead(all.term.signal)
  all.world.grant('l1', { ttlMs: 1000 })
  all.fails = true
  await all.pass(1100)
  expect(all.keeper.keep('none')).toBe(false)
  expect(leases(all)).toEqual(['l1'])
  all.fails = false
  await all.pass(1200)
  expect(leases(all)).toEqual([])
})

test('what was held up is heard before anything ends', async () => {
  const all = bench()
  all.keeper.lead(all.term.signal)
  all.world.grant('l1', { ttlMs: 1000 })
  // The process stood still for a minute, and signs of life lie in its sockets.
  all.clock.pass(60_000)
  await Promise.resolve()
  expect(all.proposed).toEqual([])
  expect(all.keeper.keep('l1')).toBe(true)
  await all.pass(900)
  expect(leases(all)).toEqual(['l1'])
})

test('many leases end in entries of bounded size', async () => {
  const all = bench()
  all.keeper.lead(all.term.signal)
  for (let i = 0; i < 1200; i++) all.world.grant(`l${i}`, { ttlMs: 1000 })
  await all.pass(2000)
  expect(leases(all)).toEqual([])
  expect(all.proposed.map((command) => (command as { leases: string[] }).leases.length)).toEqual([500, 500, 200])
})
