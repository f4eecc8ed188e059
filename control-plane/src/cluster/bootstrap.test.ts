import { beforeEach, expect, test } from 'vitest'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { Wanted } from './beginning.ts'
import { Bootstrap } from './bootstrap.ts'
import { decodeHello } from './hello.ts'
import type { InitialCluster } from './initial-cluster.ts'

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const NAMES = ['n1', 'n2', 'n3']
const initial = NAMES.map((name) => ({ name, address: `${name}:1` }))

let clock: StillClock
let disks: Map<string, InitialCluster>
let up: Map<string, Bootstrap>
let drawn = 0

beforeEach(() => {
  clock = new StillClock()
  disks = new Map()
  up = new Map()
})

function node(name: string, wanted: Wanted = { initial }): Bootstrap {
  const bootstrap = new Bootstrap({
    clock,
    random: { next: () => 0, bytes: (count) => Buffer.alloc(count, ++drawn) },
    logger,
    self: { member: name.slice(1).repeat(16), name, address: `${name}:1` },
    wanted,
    discover: () => Promise.resolve(NAMES.map((one) => `${one}:1`)),
    ask(address) {
      const other = up.get(address)
      return other ? Promise.resolve(other.hello()) : Promise.reject(new Error('connection refused'))
    },
    promised: disks.get(name),
    keep(record) {
      expect(disks.has(name)).toBe(false)
      disks.set(name, record)
      return Promise.resolve()
    },
  })
  up.set(`${name}:1`, bootstrap)
  return bootstrap
}

async function rounds(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await clock.pass(250)
}

const forever = new AbortController().signal

test.each([
  [{ initial }],
  [{ expect: 3 }],
])('three nodes begin one cluster in whatever order they come: %j', async (wanted: Wanted) => {
  const begun: Promise<InitialCluster>[] = []
  for (const name of ['n3', 'n1', 'n2']) {
    begun.push(node(name, wanted).run(forever))
    await rounds(2)
  }
  await rounds()
  const [first, ...others] = await Promise.all(begun)
  expect(first?.members.map(({ name }) => name)).toEqual(NAMES)
  for (const other of others) expect(other).toEqual(first)
  expect([...up.values()].map(({ waitsFor }) => waitsFor)).toEqual([undefined, undefined, undefined])
})

test('two of three wait, and say for whom', async () => {
  const stop = new AbortController()
  const waiting = [node('n1'), node('n2')].map((one) => [one, one.run(stop.signal)] as const)
  await rounds()
  for (const [one] of waiting) expect(one.waitsFor).toBe('1 of 3 nodes are missing (n3: connection refused)')
  expect(disks.size).toBe(0)
  stop.abort(new Error('stopped'))
  for (const [, run] of waiting) await expect(run).rejects.toThrow('stopped')
})

test('a node that comes back after its promise begins the same cluster', async () => {
  const first = NAMES.map((name) => node(name).run(forever))
  while (disks.size === 0) await rounds(1)
  expect([...disks.keys()]).toEqual(['n1'])
  const again = node('n1').run(forever)
  await rounds()
  const [, second] = await Promise.all(first)
  expect(await again).toEqual(second)
  expect(new Set([...disks.values()].map(({ cluster }) => cluster)).size).toBe(1)
})

test('a node that lost its folder is told how to join', async () => {
  const first = NAMES.map((name) => node(name).run(forever))
  await rounds()
  await Promise.all(first)
  disks.delete('n3')
  const wiped = new Bootstrap({
    clock,
    random: { next: () => 0, bytes: (count) => Buffer.alloc(count) },
    logger,
    self: { member: '9'.repeat(16), name: 'n3', address: 'n3:1' },
    wanted: { initial },
    discover: () => Promise.resolve([]),
    ask: (address) => Promise.resolve(up.get(address)?.hello() ?? Buffer.alloc(0)),
    promised: undefined,
    keep: () => Promise.reject(new Error('it promises nothing')),
  })
  await expect(wiped.run(forever)).rejects.toMatchObject({
    message: expect.stringMatching(/^n1 at n1:1 belongs to the cluster [0-9a-f]{16} already/) as string,
    nextStep: expect.stringContaining('cronclave member add --name <name>') as string,
  })
})

test.each([
  '',
  'null',
  '{}',
  '{"member":"1"}',
  JSON.stringify({ member: '1'.repeat(16), name: 'n1', address: 'a:1', wants: '', sees: [7] }),
  JSON.stringify({ member: '1'.repeat(16), name: 'n1', address: 'a:1', wants: '', sees: [], record: { cluster: 'x' } }),
  'x'.repeat(20_000),
])('what is no hello is not taken for one: %s', (text) => {
  expect(() => decodeHello(Buffer.from(text))).toThrow('it does not say who it is')
})
