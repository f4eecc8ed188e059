import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { harness, testClock, testControlPlane, testSecret } from '@cronclave/sdk/testing'
import { createPool, type Pool } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createImport } from '../../examples/long-import/import.ts'
import { readings, type Source } from '../../examples/long-import/readings.ts'
import { ImportTable } from '../../examples/long-import/table.ts'
import { mariadbPrograms, MariaDb } from '../support/mariadb.ts'
import { eventually } from './harness.ts'

const TOTAL = 1000
const secret = testSecret()
const address = { service: 'meters', secret }

/** Readings that stop coming after an id, until somebody lets them. */
function stalling(after: number): Source & { reached: Promise<void>; goOn: () => void } {
  const source = readings(TOTAL)
  let reach = () => {}
  let goOn = () => {}
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const open = new Promise<void>((resolve) => (goOn = resolve))
  return {
    ...source,
    reached,
    goOn: () => goOn(),
    async read(id, ...rest) {
      const rows = await source.read(id, ...rest)
      if (id === after) {
        reach()
        await open
      }
      return rows
    },
  }
}

describe.skipIf(!mariadbPrograms)('the import of readings into MariaDB', () => {
  let db: MariaDb
  let pool: Pool
  let table: ImportTable

  beforeAll(async () => {
    db = await MariaDb.start()
    const { host, port, user, password, database } = db
    pool = createPool({ host, port, user, password, database })
    table = new ImportTable(pool, 'readings')
  })
  beforeEach(async () => {
    await db.asRoot(`DROP DATABASE ${db.database}`, `CREATE DATABASE ${db.database}`)
    await table.create()
  })
  afterAll(async () => {
    await pool?.end()
    await db?.remove()
  })

  const rowsByFence = () => db.rows('SELECT CAST(fence AS CHAR) AS fence, COUNT(*) AS count FROM readings GROUP BY 1')

  test('an attempt that was paused while another one took over writes nothing more, and says why it failed', async () => {
    const source = stalling(300)
    const paused = harness(createImport(table, source, { secret }), address)
    // Tokens that are the same number once they are taken for floating-point ones.
    const [older, newer] = [2n ** 63n, 2n ** 63n + 1n]
    const stale = paused.start('import-readings', { attempt: 1, fencingToken: older })
    await source.reached
    const next = harness(createImport(table, readings(TOTAL), { secret }), address)
    expect(await next.run('import-readings', { attempt: 2, fencingToken: newer })).toMatchObject({
      status: 'succeeded',
      result: { written: 700 },
      progress: { done: TOTAL, total: TOTAL },
    })
    source.goOn()
    expect(await stale.result).toMatchObject({ status: 'failed', error: { code: 'fenced-off', retryable: false } })
    expect(await rowsByFence()).toEqual([
      { fence: String(older), count: 300 },
      { fence: String(newer), count: 700 },
    ])
  })

  test('nor does one that only comes to begin when another one is at work, and that one goes on', async () => {
    const source = stalling(300)
    const app = harness(createImport(table, source, { secret }), address)
    const running = app.start('import-readings', { attempt: 2, fencingToken: 9n })
    await source.reached
    const late = await app.run('import-readings', { attempt: 1, fencingToken: 8n })
    expect(late).toMatchObject({ status: 'failed', error: { code: 'fenced-off' } })
    source.goOn()
    expect(await running.result).toMatchObject({ status: 'succeeded' })
    expect(await rowsByFence()).toEqual([{ fence: '9', count: TOTAL }])
  })

  test('an import that takes longer than its call is accepted, shows by heartbeats how far it is, and is reported', async () => {
    const source = stalling(500)
    const [clock, controlPlane] = [testClock(), testControlPlane()]
    let beats = 0
    const listening: typeof fetch = (input, init) => {
      if (new Request(input).url.endsWith('/heartbeat')) beats++
      return controlPlane.fetch(input, init)
    }
    const executor = createImport(table, source, { secret, clock, fetch: listening, reportLater: true })
    const running = harness(executor, { ...address, clock, controlPlane }).start('import-readings', { timeout: '10m' })
    await source.reached
    await eventually('a heartbeat came', () => {
      clock.advance('1s')
      return beats > 0
    })
    source.goOn()
    const { status, httpStatus, reports } = await running.result
    expect({ status, httpStatus }).toEqual({ status: 'succeeded', httpStatus: 202 })
    const [beat] = reports.filter(({ verb }) => verb === 'heartbeat')
    expect(beat?.body['progress']).toEqual({ done: 500, total: TOTAL })
  })

  test('it runs from the command line', async () => {
    const { host, port, user, password, database } = db
    const DATABASE_URL = `mysql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
    const env = { ...process.env, PORT: '0', CRONCLAVE_SECRET: secret, DATABASE_URL }
    const file = new URL('../../examples/long-import/main.ts', import.meta.url).pathname
    const child = spawn(process.execPath, ['--import', 'tsx', file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const url = line.replace('listening on ', '')
    const app = harness((request) => fetch(request), { ...address, url })
    expect(await app.run('import-readings')).toMatchObject({ status: 'succeeded', result: { written: TOTAL } })
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })
})
