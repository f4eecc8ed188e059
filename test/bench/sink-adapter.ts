/** What the adapter for MySQL writes in a second, beside what the bare driver does with the same rows. */
import { createConnection } from 'mysql2/promise'
import { mysqlDriver } from '../../control-plane/src/logs/mysql/mysql.ts'
import type { LogRow } from '../../control-plane/src/logs/row.ts'
import { SINK_TABLES } from '../../control-plane/src/logs/tables.ts'
import { systemClock } from '../../control-plane/src/runtime/clock.ts'
import { attemptRow, runRow } from '../support/log-rows.ts'
import type { MariaDb } from '../support/mariadb.ts'
import { type Figure, median, progress } from './figure.ts'

const BATCH = 1000
const ROUNDS = 5
/** Rows into one sink at least, and into each of three. */
const ONE_TARGET = 20_000
const THREE_TARGET = 12_000

/** Rows per second into one sink and into each of three at once; half runs, half attempts. */
export async function benchSinkAdapter(dbs: readonly MariaDb[], rows: number): Promise<Figure[]> {
  const [first] = dbs
  if (!first) throw new Error('a sink needs a database')
  const batches = batchesOf(rows)
  const ours: number[] = []
  const bare: number[] = []
  const three: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await bareRate(first, `bare${round}_`, batches))
    ours.push(await rate(first, `one${round}_`, batches))
    three.push(Math.min(...(await Promise.all(dbs.map((db) => rate(db, `three${round}_`, batches))))))
    progress(
      `rows/s: bare ${bare.at(-1)?.toFixed()}, one sink ${ours.at(-1)?.toFixed()}, each of three ${three.at(-1)?.toFixed()}`,
    )
  }
  const yardstick = { name: 'mysql2, VALUES of 1,000 rows', value: median(bare) }
  return [
    { name: 'rows per second written into one sink', value: median(ours), unit: '/s', target: ONE_TARGET, yardstick },
    { name: 'into each of three at once', value: median(three), unit: '/s', target: THREE_TARGET },
  ]
}

async function rate(db: MariaDb, tablePrefix: string, batches: readonly LogRow[][]): Promise<number> {
  const sink = mysqlDriver({ clock: systemClock(), cluster: () => 'bench' }).target(
    db.connection(tablePrefix),
    db.password,
  )
  try {
    await sink.prepare()
    return await perSecond(batches, (rows) => sink.write(rows))
  } finally {
    await sink.close()
    await drop(db, tablePrefix)
  }
}

/** Multi-row inserts of the same values into the same tables, by the driver alone, a transaction for each batch. */
async function bareRate(db: MariaDb, tablePrefix: string, batches: readonly LogRow[][]): Promise<number> {
  const sink = mysqlDriver({ clock: systemClock(), cluster: () => 'bench' }).target(
    db.connection(tablePrefix),
    db.password,
  )
  const { host, port, user, database } = db
  const connection = await createConnection({ host, port, user, database, password: db.password })
  try {
    await sink.prepare()
    return await perSecond(batches, async (rows) => {
      await connection.query('START TRANSACTION')
      for (const kind of ['attempt', 'run'] as const) {
        const { name, columns, cells } = SINK_TABLES[kind]
        const values = rows.filter((row) => row.kind === kind).map((row) => [...cells(row), 0])
        const names = [...columns, 'row_sum'].map((column) => `\`${column}\``).join(',')
        await connection.query(`INSERT INTO ${tablePrefix}${name} (${names}) VALUES ?`, [values])
      }
      await connection.query('COMMIT')
    })
  } finally {
    connection.destroy()
    await sink.close()
    await drop(db, tablePrefix)
  }
}

async function perSecond(batches: readonly LogRow[][], write: (rows: LogRow[]) => Promise<void>): Promise<number> {
  const began = performance.now()
  for (const rows of batches) await write(rows)
  const rows = batches.reduce((sum, batch) => sum + batch.length, 0)
  return rows / ((performance.now() - began) / 1000)
}

function batchesOf(rows: number): LogRow[][] {
  return Array.from({ length: Math.ceil(rows / BATCH) }, (_, batch) =>
    Array.from({ length: BATCH / 2 }, (_, i) => batch * (BATCH / 2) + i).flatMap((index) => [
      attemptRow(index),
      runRow(index),
    ]),
  )
}

async function drop(db: MariaDb, tablePrefix: string): Promise<void> {
  const tables = [...Object.values(SINK_TABLES).map(({ name }) => name), 'gaps', 'schema']
  await db.rows(`DROP TABLE ${tables.map((name) => `${tablePrefix}${name}`).join(',')}`)
}
