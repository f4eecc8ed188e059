import { afterEach, expect, test } from 'vitest'
import type { VerifyReport } from '../../control-plane/src/logs/sinks-port.ts'
import { verifySink } from '../../control-plane/src/logs/verify.ts'
import { Cluster } from './cluster/cluster.ts'
import type { Machine } from './cluster/machine.ts'
import { watch } from './cluster/watch.ts'

const MINUTE = 60_000
const AWAY_MINUTES = 10
/** Minutes of those at which the leader is killed. */
const KILLS = [2, 6]
const OUTLETS = {
  sinks: 3,
  channels: 0,
  retention: { maxAgeMs: 86_400_000, maxRuns: 10_000 },
  diskIsFull: false,
  messagesMax: 1,
  windowMs: 1000,
  oneStaysDown: false,
}

afterEach(() => watch(undefined))

/** What comparing a sink with the ledger of a node comes to. */
async function compared(cluster: Cluster, { core, name }: Machine, sink: string): Promise<VerifyReport> {
  if (!core) throw new Error(`${name} is not up`)
  const { state, store } = core
  const found = [...state.sinks.values()].find((one) => one.name === sink)
  if (!found || !cluster.outlets) throw new Error('there is no such sink')
  const target = cluster.outlets.databases.connect({ name, alive: true, pausedUntil: 0 }, found)
  let report: VerifyReport | undefined
  for await (const step of verifySink({ state: () => state, store }, found, target, new AbortController().signal))
    if ('report' in step) report = step.report
  if (!report) throw new Error('there is no report')
  return report
}

test('S099 one is killed, one hangs, one refuses for ten minutes, and two leaders die: jobs run on, and every sink is equal', async () => {
  const cluster = new Cluster({ seed: 5, steps: 0, nodes: 3, outlets: OUTLETS })
  const { world, profile, checks, machines, outlets } = cluster
  Object.assign(profile.rates, Object.fromEntries(Object.keys(profile.rates).map((fault) => [fault, 0])))
  const until = (at: number) => world.run(() => world.now >= at)
  const leader = () => machines.find(({ core }) => core?.consensus.leadership().isLeader)
  const rows = () => checks.reference.ledgerRows
  await until(MINUTE)
  expect([...checks.reference.sinks.values()].filter(({ cursor }) => cursor[0] > 0)).toHaveLength(3)

  for (const [host, away] of [
    ['db1', 'dies'],
    ['db2', 'hangs'],
    ['db3', 'refuses'],
  ] as const)
    Object.assign(outlets?.databases.at(host) ?? {}, { away })
  const led = new Set<string | undefined>()
  for (let minute = 1; minute <= AWAY_MINUTES; minute++) {
    const before = rows()
    await until(MINUTE * (1 + minute))
    expect(rows(), `rows in minute ${minute}`).toBeGreaterThan(before + 50)
    led.add(leader()?.process?.name)
    if (KILLS.includes(minute)) leader()?.crash('power')
  }
  expect(led.size).toBeGreaterThan(KILLS.length)
  const troubled = [...checks.reference.sinks.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const lacking = troubled.map(({ position }) => rows() - position)
  expect(Math.min(...lacking)).toBeGreaterThan(AWAY_MINUTES * 50)
  expect(troubled.map(({ trouble }) => trouble?.error)).toEqual([
    'connection refused',
    expect.stringContaining('did not answer') as string,
    'connection refused',
  ])

  for (const host of ['db1', 'db2', 'db3']) outlets?.databases.return(host)
  await cluster.heal()
  for (const machine of machines) {
    for (const sink of ['s1', 's2', 's3']) {
      const report = await compared(cluster, machine, sink)
      expect(report, `${sink} and ${machine.name}`).toMatchObject({ equal: true, differences: [] })
      expect(report.rows).toBeGreaterThan(AWAY_MINUTES * 50)
    }
  }
  // One row less, and it is not.
  const { content } = outlets?.databases.at('db2') ?? {}
  content?.delete([...content.keys()][100] ?? '')
  expect(await compared(cluster, machines[0] as Machine, 's2')).toMatchObject({ equal: false, more: 0 })
  const { sinks } = checks.reference
  for (const { gaps, trouble, lastTrouble } of sinks.values()) {
    expect([gaps, trouble]).toEqual([[], undefined])
    expect((lastTrouble?.until ?? 0) - (lastTrouble?.since ?? 0)).toBeGreaterThan((AWAY_MINUTES - 4) * MINUTE)
  }
})
