import { beforeEach, describe, expect, test } from 'vitest'
import { RegistryWorld, TTL_MS } from './world.test-helper.ts'

const ONE = 'e1.example.com'
const MINUTE = 60_000

let world: RegistryWorld
beforeEach(() => {
  world = new RegistryWorld()
})

describe('an executor that registers itself', () => {
  test('S084 is online once it answered a signed challenge, within a tenth of a second', async () => {
    world.register('e1')
    expect(world.status('e1')).toBe('joining')
    await world.elapse(100)
    expect(world.status('e1')).toBe('online')
  })

  test.each([
    'is unsigned',
    'repeats another challenge',
    'is another process',
    'refuses',
    'is silent',
  ] as const)('stays out while it %s, and is asked again, less and less often', async (manner) => {
    world.manners.set(ONE, manner)
    world.register('e1')
    await world.elapse(10 * MINUTE, ['e1'])
    expect(world.status('e1')).toBe('joining')
    expect(world.asked.length).toBeGreaterThan(20)
    expect(world.asked.length).toBeLessThan(60)
    world.manners.set(ONE, 'answers')
    await world.elapse(20_000, ['e1'])
    expect(world.status('e1')).toBe('online')
  })

  test('is asked by one that has its secret, never unsigned', async () => {
    const change = { description: '', allowedHosts: [], secrets: [] }
    world.run({ kind: 'service-put', at: 0, namespace: 1, name: 'billing', change })
    world.register('e1')
    await world.elapse(5000)
    expect([world.asked, world.status('e1')]).toEqual([[], 'joining'])
  })
})

describe('heartbeats', () => {
  test('ten minutes of them, idle, change nothing and write nothing', async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
    const [entries, asked, version] = [world.commands.length, world.asked.length, world.executor('e1')?.version]
    await world.elapse(10 * MINUTE, ['e1'])
    expect([world.commands.length, world.asked.length, world.executor('e1')?.version]).toEqual([
      entries,
      asked,
      version,
    ])
    expect(world.status('e1')).toBe('online')
  })

  test('S085 that stay away for the time to live put an executor out of service, by one entry', async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
    await world.elapse(TTL_MS - 2000)
    expect(world.status('e1')).toBe('online')
    const entries = world.commands.length
    await world.elapse(2000)
    expect(world.executor('e1')).toMatchObject({ status: 'offline', expired: true })
    await world.elapse(MINUTE)
    expect(world.commands.length - entries).toBe(1)
  })

  test('of one that is not known, has expired, or is another process are answered register', async () => {
    expect(await world.beat('e1')).toBe('register')
    world.register('e1')
    expect([await world.beat('e1'), await world.beat('e1', 'b2')]).toEqual(['ok', 'register'])
    await world.elapse(TTL_MS + 1000)
    expect(await world.beat('e1')).toBe('register')
  })

  test('of one that nobody can ask, and whose manifest got lost on the way, are answered needManifest', async () => {
    world.register('e1')
    world.register('p1', 'b1', { url: 'pull' })
    const said = { manifestHash: 'r1' }
    expect([await world.beat('e1', 'b1', said), await world.beat('p1', 'b1', said)]).toEqual(['ok', 'needManifest'])
    // One that says of itself nothing else is left alone.
    expect(await world.beat('p1')).toBe('ok')
    const { service, clock } = world
    const about = { service, manifest: { hash: 'r1' }, outcome: 'refused' as const, ifVersion: 0 }
    world.run({ kind: 'manifest-note', at: clock.now(), ...about })
    expect(await world.beat('p1', 'b1', said)).toBe('ok')
  })

  test('with another hash of what it can do are answered needManifest, until it registered that', async () => {
    world.register('e1')
    expect(await world.beat('e1', 'b1', { manifestHash: 'r2' })).toBe('needManifest')
    world.register('e1', 'b1', { revision: 'r2' })
    expect(await world.beat('e1', 'b1', { manifestHash: 'r2' })).toBe('ok')
  })

  test('say how many handlers are at work and what its clock says', async () => {
    world.register('e1')
    await world.beat('e1', 'b1', { inFlight: 3, clock: world.clock.now() + 1500 })
    const [executor] = world.state.executors.get(world.service)?.values() ?? []
    const heard = await world.registry.heard(executor ? [executor] : [])
    expect(heard.get('e1')).toMatchObject({ at: world.clock.now(), inFlight: 3, skewMs: 1500 })
  })

  test('that say draining take it out of routing', async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
    await world.beat('e1', 'b1', { state: 'draining' })
    await world.elapse(100)
    expect(world.status('e1')).toBe('draining')
  })

  test('are refused by a leader that has heard of no majority, and renew nothing', async () => {
    world.touches(false)
    world.register('e1')
    await expect(world.beat('e1')).rejects.toThrow('no leader')
  })
})

describe('when the leader changes', () => {
  test('S086 every executor gets a full time to live, and no more', async () => {
    for (const id of ['e1', 'e2']) world.register(id)
    await world.elapse(TTL_MS - 1000, ['e1', 'e2'])
    await world.elapse(15_000)
    world.leadAnew()
    await world.elapse(TTL_MS - 1000)
    expect([world.status('e1'), world.status('e2')]).toEqual(['online', 'online'])
    await world.elapse(2000, ['e1'])
    expect([world.status('e1'), world.status('e2')]).toEqual(['online', 'offline'])
  })

  test('one that was cut off from the majority counts from when it was in touch again', async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
    world.touches(false)
    await world.elapse(2 * TTL_MS)
    world.touches(true)
    await world.elapse(TTL_MS - 1000)
    expect(world.status('e1')).toBe('online')
  })

  test('one that stood still for long takes nobody for gone who could not be heard', async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
    await world.clock.pass(2 * TTL_MS)
    await world.elapse(5000)
    expect(world.status('e1')).toBe('online')
  })

  test('what could not be committed is found again', async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
    world.commits(false)
    await world.elapse(TTL_MS + 5000)
    expect(world.status('e1')).toBe('online')
    world.commits(true)
    await world.elapse(1000)
    expect(world.status('e1')).toBe('offline')
  })
})

describe('when a connection breaks', () => {
  beforeEach(async () => {
    world.register('e1')
    await world.elapse(1000, ['e1'])
  })

  test.each([
    'refuses',
    'is silent',
  ] as const)('an executor that %s twice is suspect within two seconds', async (manner) => {
    world.manners.set(ONE, manner)
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(2000)
    expect(world.status('e1')).toBe('suspect')
  })

  test('an executor that had just answered is asked again soon after', async () => {
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(1000)
    world.manners.set(ONE, 'refuses')
    await world.elapse(500)
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(2000)
    expect(world.status('e1')).toBe('suspect')
  })

  test('ten minutes without work, in which its server closes each idle connection, are no event', async () => {
    const [entries, version] = [world.commands.length, world.executor('e1')?.version]
    const seen = new Set<string | undefined>()
    for (let passed = 0; passed < 10 * MINUTE; passed += 5000) {
      world.registry.doubt(`http://${ONE}`)
      await world.elapse(5000, passed % 10_000 === 0 ? ['e1'] : [])
      seen.add(world.status('e1'))
    }
    expect([...seen]).toEqual(['online'])
    expect([world.commands.length, world.executor('e1')?.version]).toEqual([entries, version])
  })

  test('an executor that answers is left alone, and nothing is written', async () => {
    const entries = world.commands.length
    for (let times = 0; times < 100; times++) world.registry.doubt(`http://${ONE}`)
    await world.elapse(5000)
    expect([world.status('e1'), world.commands.length - entries, world.asked.length]).toEqual(['online', 0, 2])
  })

  test('one that answers the second time is left alone', async () => {
    world.manners.set(ONE, 'refuses')
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(500)
    world.manners.set(ONE, 'answers')
    await world.elapse(5000)
    expect([world.status('e1'), world.found().length]).toEqual(['online', 1])
  })

  test('a suspect is online again once it answers a ping', async () => {
    world.manners.set(ONE, 'refuses')
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(3000)
    world.manners.set(ONE, 'answers')
    await world.elapse(5000)
    expect(world.status('e1')).toBe('online')
  })

  test('a suspect is online again once it sends a heartbeat', async () => {
    world.manners.set(ONE, 'refuses')
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(3000)
    await world.beat('e1')
    await world.elapse(20)
    expect(world.status('e1')).toBe('online')
  })

  test('a suspect of whom nothing is heard is offline in the end', async () => {
    world.manners.set(ONE, 'refuses')
    world.registry.doubt(`http://${ONE}`)
    await world.elapse(TTL_MS + 1000)
    expect(world.executor('e1')).toMatchObject({ status: 'offline', expired: true })
  })

  test('nobody else is asked', async () => {
    world.registry.doubt('http://elsewhere.example.com')
    await world.elapse(2000)
    expect(world.asked).toEqual([ONE])
  })
})

describe('a thousand at once', () => {
  test('are all online in three seconds, and few are asked at a time in one namespace', async () => {
    for (let one = 0; one < 1000; one++) world.register(`e${one}`)
    await world.elapse(3000)
    const statuses = new Set(
      [...(world.state.executors.get(world.service)?.values() ?? [])].map(({ status }) => status),
    )
    expect(statuses).toEqual(new Set(['online']))
    expect(world.asked).toHaveLength(1000)
  })
})
