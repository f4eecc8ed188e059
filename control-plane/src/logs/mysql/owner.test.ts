import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MariaDb, mariadbPrograms } from '../../../../test/support/mariadb.ts'
import { systemClock } from '../../runtime/clock.ts'
import { mysqlDriver } from './mysql.ts'

describe.skipIf(mariadbPrograms === undefined && process.env['CI'] === undefined)('reading a sink', () => {
  let db: MariaDb
  beforeAll(async () => {
    db = await MariaDb.start()
  }, 60_000)
  afterAll(() => db?.remove())

  const query = { namespace: 1, newestFirst: true, limit: 10 }

  test('is for the cluster whose rows they are, and for no other', async () => {
    let cluster = 'one'
    const driver = mysqlDriver({ clock: systemClock(), cluster: () => cluster })
    const one = driver.target(db.connection('t_'), db.password)
    await one.prepare()
    expect(await one.runs(query)).toEqual({ rows: [] })
    cluster = 'two'
    const two = driver.reader(db.connection('t_'), db.password)
    for (const ask of [
      () => two.run('r'),
      () => two.runs(query),
      () => two.attempts('r'),
      () => two.lateResults('r'),
    ]) {
      await expect(ask()).rejects.toMatchObject({ name: 'SinkFault', code: 'other-cluster' })
    }
    // Looked at again after it failed.
    cluster = 'one'
    expect(await two.runs(query)).toEqual({ rows: [] })
    await Promise.all([one.close(), two.close()])
  })

  test('of tables that are not there is a fault of the sink', async () => {
    const reader = mysqlDriver({ clock: systemClock(), cluster: () => 'one' }).reader(db.connection('no_'), db.password)
    await expect(reader.run('r')).rejects.toMatchObject({ name: 'SinkFault' })
    await reader.close()
  })
})
