import { createServer } from 'node:http'
import { node } from '@cronclave/sdk/node'
import { createPool } from 'mysql2/promise'
import { closed, listening } from '../src/listen.ts'
import { runDirectly, type Started, type StartOptions } from '../src/run.ts'
import { createImport } from './import.ts'
import { readings } from './readings.ts'
import { ImportTable } from './table.ts'

const READINGS = 1000

/** An executor whose handler writes into the database of `DATABASE_URL` (`mysql://user:password@host/database`). */
export async function start({ port, host = '127.0.0.1', secret, id }: StartOptions): Promise<Started> {
  const { DATABASE_URL } = process.env
  if (DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set')
  const pool = createPool({ uri: DATABASE_URL, connectionLimit: 4 })
  const table = new ImportTable(pool, 'readings')
  await table.create()
  const executor = createImport(table, readings(READINGS), { secret, id })
  const server = createServer(node(executor)).listen(port, host)
  const url = await listening(server, '')
  const close = async () => {
    await executor.drain({ timeout: '25s' })
    await closed(server)
    await pool.end()
  }
  return { url, close }
}

await runDirectly(import.meta.url, start)
