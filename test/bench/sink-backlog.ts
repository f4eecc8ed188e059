/** What delivery does as a whole, from the ledger in Level to MySQL, when much has gathered: into one sink, then into three. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../../control-plane/src/cluster/consensus.ts'
import { Deliverer } from '../../control-plane/src/logs/deliverer.ts'
import { mysqlDriver } from '../../control-plane/src/logs/mysql/mysql.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import type { Sink } from '../../control-plane/src/logs/sink.ts'
import { openLevelStore } from '../../control-plane/src/store/level.ts'
import type { LevelStore } from '../../control-plane/src/store/level-store.ts'
import type { MariaDb } from '../support/mariadb.ts'
import { type Figure, progress } from './figure.ts'
import { Bench, playRuns } from './store.ts'

const MILLION_TARGET_S = 90
const ONE_TARGET = 20_000
const THREE_TARGET = 12_000
const PROBE_MS = 20

/**
 * A ledger of so many rows, half runs and half attempts, delivered to one sink from its beginning, then to three at
 * once; beside what the bare driver does in this run.
 */
export async function benchBacklog(
  dbs: readonly MariaDb[],
  rows: number,
  bare?: Figure['yardstick'],
): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sink-bench-'))
  const clock = systemClock()
  const onFatal = (error: unknown) => {
    throw error
  }
  const store = await openLevelStore({ folder, clock, onFatal })
  try {
    const bench = new Bench(store)
    progress(`a ledger of ${rows} rows is made …`)
    await playRuns(bench, store, rows / 2)
    return await measure(bench, store, dbs, bare)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(
  bench: Bench,
  store: LevelStore,
  dbs: readonly MariaDb[],
  bare: Figure['yardstick'],
): Promise<Figure[]> {
  const delivery = new Delivery(bench, store, dbs)
  const rows = bench.state.ledgerRows
  const one = await delivery.to('alone')
  progress(`into one: ${(rows / one.seconds).toFixed()} rows/s`)
  const three = await delivery.to('first', 'second', 'third')
  progress(`into each of three: ${(rows / three.seconds).toFixed()} rows/s`)
  await delivery.stop()
  return [
    {
      name: `a backlog of ${rows} rows, delivered to one sink`,
      value: one.seconds,
      unit: 's',
      target: (MILLION_TARGET_S * rows) / 1_000_000,
      better: 'less',
    },
    {
      name: 'rows per second delivered to one sink',
      value: rows / one.seconds,
      unit: '/s',
      target: ONE_TARGET,
      ...(bare ? { yardstick: bare } : {}),
    },
    { name: 'to each of three at once', value: rows / three.seconds, unit: '/s', target: THREE_TARGET },
    { name: 'CPU of this process per row, one sink', value: (one.cpuSeconds * 1e6) / rows, unit: 'µs' },
    { name: 'per row and sink, three sinks', value: (three.cpuSeconds * 1e6) / rows / 3, unit: 'µs' },
  ]
}

/** The delivery loop of a leader over a state of this process. */
class Delivery {
  readonly #bench: Bench
  readonly #dbs: readonly MariaDb[]
  readonly #deliverer: Deliverer

  constructor(bench: Bench, store: LevelStore, dbs: readonly MariaDb[]) {
    const clock = systemClock()
    const driver = mysqlDriver({ clock, cluster: () => 'bench' })
    const passwordOf = (sink: Sink) => dbs.find(({ port }) => port === sink.connection.port)?.password
    this.#bench = bench
    this.#dbs = dbs
    this.#deliverer = new Deliverer({
      clock,
      random: systemRandom,
      logger: { info: () => undefined, warn: (fields, message) => progress(`${message} ${JSON.stringify(fields)}`) },
      state: () => bench.state,
      store,
      connect: (sink) => driver.target(sink.connection, passwordOf(sink)),
      propose: async (command) => this.#apply(command),
    })
    this.#deliverer.lead(new AbortController().signal)
  }

  /** Makes new sinks and gives them everything. */
  async to(...names: string[]): Promise<{ seconds: number; cpuSeconds: number }> {
    const began = performance.now()
    const cpu = process.cpuUsage()
    for (const [i, name] of names.entries()) {
      const connection = (this.#dbs[i] as MariaDb).connection(`${name}_`)
      this.#apply({ kind: 'sink-put', at: Date.now(), name, change: { connection }, by: 'bench' })
    }
    const sinks = () => [...this.#bench.state.sinks.values()].filter(({ name }) => names.includes(name))
    while (sinks().some(({ position }) => position < this.#bench.state.ledgerRows)) {
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS))
    }
    const { user, system } = process.cpuUsage(cpu)
    for (const { uid } of sinks()) this.#apply({ kind: 'sink-delete', at: Date.now(), sink: uid })
    return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 }
  }

  stop(): Promise<void> {
    return this.#deliverer.stop()
  }

  #apply(command: Command): Outcome {
    const applied = this.#bench.apply(command)
    for (const event of applied.events) this.#deliverer.onEvent(event)
    return { kind: 'applied', index: this.#bench.state.index, value: applied.value }
  }
}
