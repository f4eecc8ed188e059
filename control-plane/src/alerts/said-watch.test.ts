import { beforeEach, expect, test } from 'vitest'
import { WatchBench } from './watch-bench.test-helper.ts'

let bench: WatchBench
beforeEach(() => {
  bench = new WatchBench()
})

test('what a node said by itself is told to be over under its key, once, also where the leader stayed the same', async () => {
  bench.rule({ kind: 'no-leader', forMs: 10_000 })
  const [{ uid: rule } = { uid: 0 }] = bench.world.state.alertRules.values()
  const subject = { kind: 'node', id: 'n2', name: 'two' } as const
  const now = bench.clock.now()
  const said = [{ key: 'cut-off', rule, subject, since: now - 60_000, until: now }]
  bench.nodes = [{ node: 'n2', alarms: [], certificates: [], said }]
  await bench.pass(30_000)
  bench.change()
  await bench.pass(30_000)
  expect(bench.world.episodes).toMatchObject([{ key: 'cut-off', subject, state: 'resolved', resolvedAt: now }])
  expect(bench.world.told).toEqual(['resolved'])
})

test('that there was no leader is told under the key of whoever said it, also when that node is gone', async () => {
  const rule = bench.rule({ kind: 'no-leader', forMs: 10_000 })
  const { state } = bench.world
  const key = `no-leader-c-${rule}-${state.term}`
  await bench.pass(5000)
  await bench.lead(undefined, false)
  await bench.pass(30_000)
  await bench.lead('n1')
  await bench.pass(5000)
  expect(bench.world.episodes).toMatchObject([{ key, subject: { kind: 'cluster' } }])
  // It is back, and still remembers what it said.
  const subject = { kind: 'cluster', id: 'c', name: 'cluster' } as const
  const until = bench.clock.now()
  bench.nodes = [
    { node: 'n2', alarms: [], certificates: [], said: [{ key, rule, subject, since: until - 30_000, until }] },
  ]
  await bench.pass(30_000)
  expect(bench.world.told).toEqual(['resolved'])
})

test('of two leaders that were lost one after the other each is told to be over', async () => {
  const rule = bench.rule({ kind: 'no-leader', forMs: 10_000 })
  const { state } = bench.world
  const subject = { kind: 'cluster', id: 'c', name: 'cluster' } as const
  const key = `no-leader-c-${rule}-${state.term - 1}`
  await bench.pass(5000)
  const since = bench.clock.now() - 60_000
  // Of the first no new leader lasted for its grace: only who said it remembers.
  const said = [{ key, rule, subject, since, until: since + 20_000 }]
  bench.nodes = [{ node: 'n2', alarms: [], certificates: [], said }]
  await bench.lead(undefined, false)
  await bench.pass(30_000)
  await bench.lead('n1')
  await bench.pass(30_000)
  expect(bench.world.episodes.map((each) => each.key)).toEqual([key, `no-leader-c-${rule}-${state.term}`])
  expect(bench.world.told).toEqual(['resolved', 'resolved'])
})
