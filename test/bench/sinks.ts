import { mariadbPrograms, MariaDb } from '../support/mariadb.ts'
import { type Figure, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'
import { benchSinkAdapter } from './sink-adapter.ts'
import { benchBacklog } from './sink-backlog.ts'
import { benchDeadSinks } from './sink-dispatch.ts'

const SINKS = 3

/** What delivery to MySQL does and costs: rows per second, and what runs notice of sinks that are down. */
export async function benchSinks({ quick }: BenchOptions): Promise<Figure[]> {
  if (!mariadbPrograms) {
    progress('mariadbd is not installed: left out')
    return []
  }
  const dbs: MariaDb[] = []
  try {
    for (let i = 0; i < SINKS; i++) dbs.push(await MariaDb.start())
    const adapter = await benchSinkAdapter(dbs, quick ? 10_000 : 100_000)
    const backlog = await benchBacklog(dbs, quick ? 40_000 : 1_000_000, adapter[0]?.yardstick)
    return [...adapter, ...backlog, ...(await benchDeadSinks(quick))]
  } finally {
    await Promise.all(dbs.map((db) => db.remove()))
  }
}
