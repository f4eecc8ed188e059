import { NonRetryableError } from '@cronclave/sdk'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { Reading } from './readings.ts'

const TABLES = [
  `CREATE TABLE IF NOT EXISTS imports (
    name VARCHAR(64) PRIMARY KEY, last_id BIGINT NOT NULL DEFAULT 0, fence BIGINT UNSIGNED NOT NULL DEFAULT 0)`,
  `CREATE TABLE IF NOT EXISTS readings (
    id BIGINT PRIMARY KEY, meter VARCHAR(64) NOT NULL, value DOUBLE NOT NULL, fence BIGINT UNSIGNED NOT NULL)`,
]
/** A text that is compared with a number is compared as a `DOUBLE`, which 64 bits do not fit into. */
const TOKEN = 'CAST(? AS UNSIGNED)'

/** Where an import has got to. It lets in one attempt at a time: the one with the highest fencing token that it has seen. */
export class ImportTable {
  readonly #pool: Pool
  readonly #name: string

  constructor(pool: Pool, name: string) {
    this.#pool = pool
    this.#name = name
  }

  async create(): Promise<void> {
    for (const table of TABLES) await this.#pool.query(table)
    await this.#pool.execute('INSERT IGNORE INTO imports (name) VALUES (?)', [this.#name])
  }

  /** Shuts out every attempt before this one; gives the last row that was written. */
  async claim(fence: bigint): Promise<number> {
    return this.#transaction(async (connection) => {
      await this.#guard(connection, fence)
      const [[row]] = await connection.execute<RowDataPacket[]>('SELECT last_id FROM imports WHERE name = ?', [
        this.#name,
      ])
      return Number(row?.['last_id'])
    })
  }

  /** Writes rows together with how far that got, or neither when a newer attempt has been here. */
  async write(rows: readonly Reading[], fence: bigint): Promise<void> {
    await this.#transaction(async (connection) => {
      await this.#guard(connection, fence, rows.at(-1)?.id)
      const values = rows.map(({ id, meter, value }) => [id, meter, value, String(fence)])
      await connection.query('INSERT INTO readings (id, meter, value, fence) VALUES ?', [values])
    })
  }

  /** The row stays locked until the transaction ends, so nobody comes between this and what is written. */
  async #guard(connection: PoolConnection, fence: bigint, lastId: number | null = null): Promise<void> {
    const token = String(fence)
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(
      `UPDATE imports SET last_id = COALESCE(?, last_id), fence = ${TOKEN} WHERE name = ? AND fence <= ${TOKEN}`,
      [lastId, token, this.#name, token],
    )
    if (affectedRows === 0) throw new NonRetryableError('a newer attempt is at this import', { code: 'fenced-off' })
  }

  async #transaction<Result>(work: (connection: PoolConnection) => Promise<Result>): Promise<Result> {
    const connection = await this.#pool.getConnection()
    try {
      await connection.beginTransaction()
      const result = await work(connection)
      await connection.commit()
      return result
    } catch (error) {
      await connection.rollback().catch(() => {})
      throw error
    } finally {
      connection.release()
    }
  }
}
