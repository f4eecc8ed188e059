import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mariadbPrograms, MariaDb } from '../../../../test/support/mariadb.ts'
import { systemClock } from '../../runtime/clock.ts'
import { Pool } from './pool.ts'
import { knownMigrations, type Migration, migrate, readMigration } from './schema.ts'

test('a file is its number, its statements, and whether it breaks with older versions', () => {
  expect(readMigration('0012-x.sql', '-- Why; and how.\n\nALTER TABLE a;\nCREATE TABLE b (c INT);\n')).toEqual({
    version: 12,
    breaking: false,
    statements: ['ALTER TABLE a', 'CREATE TABLE b (c INT)'],
  })
  expect(readMigration('0013-x.sql', '-- breaking\nDROP TABLE a;')).toMatchObject({ version: 13, breaking: true })
})

test('those that are known are numbered without gaps', () => {
  const known = knownMigrations()
  expect(known.map(({ version }) => version)).toEqual(known.map((_, at) => at + 1))
})

describe.skipIf(!mariadbPrograms)('in MariaDB', () => {
  let db: MariaDb
  let pool: Pool
  let tablePrefix: string
  let prefixes = 0
  beforeAll(async () => {
    db = await MariaDb.start()
  })
  afterAll(async () => {
    await db.remove()
  })
  beforeEach(() => {
    tablePrefix = `t${++prefixes}_`
    pool = open()
    return () => pool.close()
  })

  const open = () => new Pool({ connection: db.connection(tablePrefix), password: db.password, clock: systemClock() })
  const owner = (cluster = 'c1') => ({ cluster, tablePrefix, now: Date.UTC(2026, 10, 21) })
  const known = knownMigrations()
  const newest = known.length
  /** What a later version may bring. */
  const later: Migration[] = [
    ...known,
    readMigration(
      `${newest + 1}-note.sql`,
      'ALTER TABLE `{prefix}runs` ADD COLUMN `note` VARCHAR(20) NULL;\nALTER TABLE `{prefix}runs` ADD KEY `by_note` (`note`);',
    ),
    readMigration(`${newest + 2}-gone.sql`, '-- breaking\nALTER TABLE `{prefix}runs` DROP COLUMN `note`;'),
  ]
  const versions = async () =>
    (await db.rows(`SELECT version FROM ${tablePrefix}schema ORDER BY version`)).map((row) => row['version'] as number)
  const shape = () =>
    db.rows(
      `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = '${db.database}' AND TABLE_NAME LIKE '${tablePrefix.replace('_', '\\_')}%'
       ORDER BY 1, ORDINAL_POSITION`,
    )

  test.each(later.map((_, at) => at))('from version %i to the newest', async (from) => {
    if (from > 0) await migrate(pool, owner(), later.slice(0, from))
    await migrate(pool, owner(), later)
    expect(await versions()).toEqual(later.map(({ version }) => version))
    const before = await shape()
    await migrate(pool, owner(), later)
    expect(await shape()).toEqual(before)
  })

  test('two at once, and one that was broken off in the middle, end with the same tables', async () => {
    const pools = Array.from({ length: 4 }, open)
    await Promise.all(pools.map((one) => migrate(one, owner(), later)))
    for (const one of pools) one.close()
    const before = await shape()
    await db.rows(`DELETE FROM ${tablePrefix}schema WHERE version > ${newest}`)
    await db.rows(`ALTER TABLE ${tablePrefix}runs ADD COLUMN note VARCHAR(20) NULL`)
    await migrate(pool, owner(), later)
    expect(await shape()).toEqual(before)
  })

  test('an older version goes on with what does not break with it, and refuses what does', async () => {
    await migrate(pool, owner(), later.slice(0, newest + 1))
    await migrate(pool, owner(), known)
    await migrate(pool, owner(), later)
    await expect(migrate(pool, owner(), known)).rejects.toMatchObject({
      code: 'schema-too-new',
      retry: false,
      message: expect.stringContaining(`version ${newest + 2}`) as string,
    })
    await migrate(pool, owner(), later)
  })

  test('the tables of one cluster are not those of another, also when both come at once', async () => {
    const ends = await Promise.allSettled(['c1', 'c2', 'c1'].map((cluster) => migrate(pool, owner(cluster), known)))
    const [refused] = ends.filter((end) => end.status === 'rejected').map((end): unknown => end.reason)
    expect(refused).toMatchObject({ code: 'other-cluster' })
    const [row] = await db.rows(`SELECT cluster FROM ${tablePrefix}schema WHERE version = 1`)
    const winner = row?.['cluster'] as string
    await migrate(pool, owner(winner), known)
    await expect(migrate(pool, owner(winner === 'c1' ? 'c2' : 'c1'), known)).rejects.toMatchObject({
      code: 'other-cluster',
      message: expect.stringContaining(winner) as string,
    })
  })

  test('a server whose packets are too small for a row says so before any row is lost', async () => {
    const [before] = await db.asRoot('SELECT @@global.max_allowed_packet AS bytes')
    await db.asRoot('SET GLOBAL max_allowed_packet = 1048576')
    try {
      await expect(migrate(pool, owner(), known)).rejects.toMatchObject({
        code: 'packet-too-small',
        message: expect.stringContaining('1048576') as string,
      })
    } finally {
      await db.asRoot(`SET GLOBAL max_allowed_packet = ${String(before?.['bytes'])}`)
    }
  })
})
