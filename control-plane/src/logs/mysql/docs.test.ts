import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { attemptRow, runId, runRow } from '../../../../test/support/log-rows.ts'
import { mariadbPrograms, MariaDb } from '../../../../test/support/mariadb.ts'
import { systemClock } from '../../runtime/clock.ts'
import { mysqlDriver } from './mysql.ts'

const PAGE = readFileSync(new URL('../../../../docs/sink-tables.md', import.meta.url), 'utf8')

test.skipIf(!mariadbPrograms)(
  'what docs/sink-tables.md advises works, and delivery goes on in partitions',
  async () => {
    const db = await MariaDb.start()
    const blocks = [...PAGE.matchAll(/```sql\n([^]*?)```/g)].map(([, sql = '']) => sql)
    const statements = blocks.map((sql) =>
      sql
        .replace(/^--.*$/gm, '')
        .split(/;\s*$/m)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    const [query = [], rights = [], partitions = []] = statements
    await db.asRoot(...rights)
    const connection = { ...db.connection(), database: 'ledger', user: 'cronclave' }
    const driver = mysqlDriver({ clock: systemClock(), cluster: () => 'c1' })
    const sink = driver.target(connection, 'a long password')
    await sink.prepare()
    await sink.write([runRow(1), attemptRow(1), runRow(15_000_000), runRow(25_000_000)])
    await db.asRoot('USE ledger', ...query, ...partitions)
    await sink.write([runRow(15_000_000), runRow(25_000_000), runRow(35_000_000)])
    expect(await sink.run(runId(1))).toBeUndefined()
    expect(await sink.run(runId(15_000_000))).toBeDefined()
    expect(await db.asRoot('SELECT COUNT(*) AS n FROM ledger.cronclave_runs')).toEqual([{ n: 3 }])
    expect(statements).toHaveLength(3)

    // Rights to change tables are needed only while there is something to change.
    await db.asRoot('REVOKE CREATE, ALTER, INDEX ON ledger.* FROM cronclave')
    const other = driver.target(connection, 'a long password')
    await other.prepare()
    await other.write([runRow(45_000_000)])
    await other.close()
    await sink.close()
    await db.remove()
  },
)
