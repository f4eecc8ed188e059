import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MariaDb, mariadbPrograms } from '../../../../test/support/mariadb.ts'
import { runId, runRow } from '../../../../test/support/log-rows.ts'
import { systemClock } from '../../runtime/clock.ts'
import { mysqlDriver } from './mysql.ts'

const STRANGE = [
  '--autocommit=0',
  '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES',
  '--max-statement-time=9',
  '--init-connect=SET sql_safe_updates=1',
]

describe.skipIf(mariadbPrograms === undefined && process.env['CI'] === undefined)(
  'a server of strange defaults',
  () => {
    let db: MariaDb
    beforeAll(async () => {
      db = await MariaDb.start(STRANGE)
    }, 60_000)
    afterAll(() => db?.remove())

    const driver = mysqlDriver({ clock: systemClock(), cluster: () => 'one' })

    test('takes rows and gives them back, and whoever has read sees what is written afterwards', async () => {
      const target = driver.target(db.connection(), db.password)
      const reader = driver.reader(db.connection(), db.password)
      await target.prepare()
      await target.write([runRow(1)])
      await target.writeGaps([{ from: [2, 0], to: [3, 0], count: 2, at: 0 }])
      await target.writeGaps([])
      expect(await target.server?.()).toMatch(/^\d+\.\d+.*MariaDB.* \(.+\)$/)
      await target.close()
      expect(await reader.run(runId(1))).toEqual(runRow(1).row)
      expect(await reader.run(runId(5))).toBeUndefined()
      const again = driver.target(db.connection(), db.password)
      await again.write([runRow(5)])
      expect(await reader.run(runId(5))).toEqual(runRow(5).row)
      await Promise.all([again.close(), reader.close()])
    })

    test('cuts nothing without saying so', async () => {
      await db.rows('ALTER TABLE cronclave_runs MODIFY executor VARCHAR(3) NULL')
      const target = driver.target(db.connection(), db.password)
      await expect(target.write([runRow(9, { executor: 'worker-1' })])).rejects.toMatchObject({ code: 'schema' })
      await target.close()
    })
  },
)
