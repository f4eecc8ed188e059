import { afterEach, expect, test } from 'vitest'
import { Cluster } from './cluster/cluster.ts'
import { watch } from './cluster/watch.ts'

afterEach(() => watch(undefined))

test('a node whose clock is wrong plans and sends nothing: its deadlines and signatures would be wrong as well', async () => {
  const cluster = new Cluster({ seed: 5, steps: 0, nodes: 3 })
  cluster.strikes.active = false
  cluster.profile.maxSkewMs = 500
  for (const { oscillator } of cluster.machines) Object.assign(oscillator, { skewMs: 0, rate: 1 })
  const wrong = cluster.machines[1]
  if (wrong) wrong.oscillator.skewMs = 60_000
  await cluster.world.run(() => cluster.world.now > 6000)
  const before = new Set(cluster.checks.started.keys())
  await cluster.world.run(() => cluster.world.now > 20_000)
  const senders = [...cluster.checks.started].filter(([id]) => !before.has(id)).map(([, { node }]) => node)
  expect(senders.length).toBeGreaterThan(10)
  expect(senders).not.toContain(wrong?.id)
  expect(new Set(senders).size).toBe(2)
})
