import { expect, test } from 'vitest'
import { apply } from './apply.ts'
import type { Command } from './commands.ts'
import { IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_MS, keepRecord } from './idempotency.ts'
import { ShardWorld } from './shard-world.test-helper.ts'

function ask(world: ShardWorld, run: string, idempotency: { key: string; principal: string; bodyHash: string }) {
  const [job = 0] = world.state.jobs.keys()
  const command = { kind: 'run-request', at: world.now, job, run, cause: 'api', by: 't', idempotency } as Command
  return apply(world.state, { index: world.state.index + 1, term: 1, command })
}

function worldWithJob() {
  const world = new ShardWorld()
  world.job({})
  return world
}

test('a principal with a slash in its name is not taken for another one with another key', () => {
  const world = worldWithJob()
  ask(world, 'r1', { principal: 'a', key: 'b/c', bodyHash: 'h' })
  ask(world, 'r2', { principal: 'a/b', key: 'c', bodyHash: 'h' })
  ask(world, 'r3', { principal: 'a%2Fb', key: 'c', bodyHash: 'h' })
  expect([...world.state.runs.keys()]).toEqual(['r1', 'r2', 'r3'])
})

test('a namespace has room for so many keys, whatever others have; what is old makes room', () => {
  const world = worldWithJob()
  const record = { bodyHash: 'h', run: 'r', at: world.now }
  for (let i = 0; i < IDEMPOTENCY_KEYS_MAX; i++) keepRecord(world.state, { ...record, key: `999/p/${i}` })
  const namespace = [...world.state.namespaces.keys()][0] ?? 0
  for (let i = 0; i < IDEMPOTENCY_KEYS_MAX - 1; i++) keepRecord(world.state, { ...record, key: `${namespace}/p/${i}` })
  expect(ask(world, 'r1', { principal: 'p', key: 'new', bodyHash: 'h' }).rejection).toBeUndefined()
  expect(ask(world, 'r2', { principal: 'p', key: 'newer', bodyHash: 'h' }).rejection?.code).toBe('idempotency-full')
  world.now += IDEMPOTENCY_MS
  expect(ask(world, 'r3', { principal: 'p', key: 'newer', bodyHash: 'h' }).rejection).toBeUndefined()
  expect(world.state.idempotencyCounts.get(namespace)).toBe(world.state.idempotency.size)
})
