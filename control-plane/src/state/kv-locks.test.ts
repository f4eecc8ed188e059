import { describe, expect, test } from 'vitest'
import { type KvWorld, kvWorld } from './kv-world.test-helper.ts'
import { LEASE_CLAIMS_MAX, LOCK_QUEUE_MAX } from './kv-types.ts'

function withLeases(...leases: string[]): KvWorld {
  const world = kvWorld()
  for (const lease of leases) world.grant(lease)
  return world
}

const claimIn = ({ value }: ReturnType<KvWorld['run']>) => value?.claim

describe('a lock', () => {
  test('is served in the order of the claims, each with a higher token than any before', () => {
    const world = withLeases('a', 'b', 'c')
    expect(claimIn(world.claim('x', 'a'))).toEqual({ held: true, fencingToken: 1 })
    expect(claimIn(world.claim('x', 'b'))).toEqual({ held: false, before: 1 })
    expect(claimIn(world.claim('x', 'c'))).toEqual({ held: false, before: 2 })
    expect(claimIn(world.claim('y', 'c'))).toEqual({ held: true, fencingToken: 2 })
    world.release('x', 'a')
    expect(world.lock('x')).toMatchObject({ holder: { lease: 'b', fencingToken: 3 }, queue: [{ lease: 'c' }] })
    world.release('x', 'b')
    const last = world.release('x', 'c')
    expect(world.lock('x')).toBeUndefined()
    expect(last.events).toEqual([
      { type: 'lock-changed', lock: { kind: 'lock', namespace: world.namespace, name: 'x' }, index: last.index },
    ])
    expect(claimIn(world.claim('x', 'a'))).toEqual({ held: true, fencingToken: 5 })
  })

  test('that was claimed already by the lease is the same claim', () => {
    const world = withLeases('a', 'b')
    world.claim('x', 'a')
    world.claim('x', 'b')
    expect(claimIn(world.claim('x', 'a'))).toEqual({ held: true, fencingToken: 1 })
    expect(claimIn(world.claim('x', 'b', { wait: false }))).toEqual({ held: false, before: 1 })
    expect(world.lock('x')?.queue).toHaveLength(1)
  })

  test('that somebody holds refuses those who do not wait, and makes no lease for them', () => {
    const world = withLeases('a')
    world.claim('x', 'a')
    expect(world.claim('x', 'made', { wait: false, ttlMs: 5000 }).rejection?.code).toBe('lock-held')
    expect([...world.state.leases.keys()]).toEqual(['a'])
    expect(world.claim('x', 'none').rejection?.code).toBe('lease-not-found')
  })

  test('goes to the next when the lease of the holder ends, and a claim goes with its lease', () => {
    const world = withLeases('a', 'b', 'c')
    for (const lease of ['a', 'b', 'c']) world.claim('x', lease)
    world.revoke('b')
    world.revoke('a')
    expect(world.lock('x')).toMatchObject({ holder: { lease: 'c', fencingToken: 2 }, queue: [] })
  })

  test('whose holder and next ends in one entry goes to the one after', () => {
    const world = withLeases('a', 'b', 'c')
    for (const lease of ['a', 'b', 'c']) world.claim('x', lease)
    world.run({ kind: 'leases-expired', leases: ['a', 'b'], asOf: world.state.index })
    expect(world.lock('x')).toMatchObject({ holder: { lease: 'c', fencingToken: 3 }, queue: [] })
  })

  test('with a lease of its own ends that lease with the release', () => {
    const world = withLeases('a')
    world.claim('x', 'own', { ttlMs: 5000 })
    expect(world.state.leases.get('own')).toMatchObject({ ttlMs: 5000, ofClaim: true })
    world.release('x', 'own')
    expect([...world.state.leases.keys()]).toEqual(['a'])
    expect(world.release('x', 'own').rejection?.code).toBe('lock-not-held')
  })

  test('that was granted as its claimant gave up stays its own', () => {
    const world = withLeases('a', 'b')
    world.claim('x', 'a')
    world.claim('x', 'b')
    expect(claimIn(world.release('x', 'a', { onlyWaiting: true }))).toEqual({ held: true, fencingToken: 1 })
    expect(claimIn(world.release('x', 'b', { onlyWaiting: true }))).toBeUndefined()
    expect(world.lock('x')).toMatchObject({ holder: { lease: 'a' }, queue: [] })
  })

  test('and an election of the same name have nothing to do with each other', () => {
    const world = withLeases('a', 'b')
    world.claim('x', 'a')
    world.claim('x', 'b', { lock: 'election', value: 'http://b' })
    expect(world.lock('x', 'election')).toMatchObject({ kind: 'election', holder: { lease: 'b', value: 'http://b' } })
  })

  test('has a bounded queue, and a lease a bounded number of claims', () => {
    const world = withLeases('a')
    world.claim('x', 'a')
    for (let i = 0; i < LOCK_QUEUE_MAX; i++) world.claim('x', `w${i}`, { ttlMs: 5000 })
    const leases = world.state.leases.size
    expect(world.claim('x', 'more', { ttlMs: 5000 }).rejection?.code).toBe('lock-queue-full')
    expect(world.state.leases.size).toBe(leases)
    for (let i = 1; i < LEASE_CLAIMS_MAX; i++) expect(world.claim(`n${i}`, 'a').rejection).toBeUndefined()
    expect(world.claim('one more', 'a').rejection?.code).toBe('lock-queue-full')
  })
})
