import { connect as connectSocket, isIP, type LookupFunction, type Socket } from 'node:net'
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise'
import type { Clock } from '../../runtime/clock.ts'
import type { SinkConnection } from '../sink.ts'
import { SinkFault } from '../sink-fault.ts'
import { type Where, sinkFault } from './faults.ts'

/** Connections to one server at a time. */
export const CONNECTIONS_MAX = 4
/** Calls that wait for one of them. */
const WAITING_MAX = 64
/** Statements that a connection keeps prepared. */
const STATEMENTS_MAX = 200
const KEEP_ALIVE_MS = 10_000
/** Whatever the server's own defaults are: what does not fit is an error, and what is read is no snapshot of long ago. */
const SESSION = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES', autocommit = 1, sql_safe_updates = 0"

const VERIFIED = { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' } as const

export interface PoolOptions {
  connection: SinkConnection
  password?: string | undefined
  clock: Clock
  /** Resolves names, and judges addresses. Absent: the machine's own resolution. */
  lookup?: LookupFunction | undefined
  /** Says why an address that needs no resolution may not be connected to. */
  refuse?: ((address: string, port: number) => Error | undefined) | undefined
  timeouts?: Partial<Timeouts> | undefined
}

export interface Timeouts {
  /** Until a connection stands and the user is let in, in milliseconds. @default 10_000 */
  connectMs: number
  /** Until one of the connections is free. @default 10_000 */
  acquireMs: number
  /** Of each statement. @default 30_000 */
  statementMs: number
  /** After which a connection that nobody needs is closed. @default 60_000 */
  idleMs: number
}

const TIMEOUTS: Timeouts = { connectMs: 10_000, acquireMs: 10_000, statementMs: 30_000, idleMs: 60_000 }

type Value = string | number | null
/** A row as the driver gives it: whole numbers as numbers, sums and instants as text. */
export type Row = Readonly<Record<string, Value>>

/** One connection, while a piece of work has it. */
export interface Session {
  /** Runs a statement that stays prepared; for texts that come again. */
  execute(sql: string, values?: readonly Value[], timeoutMs?: number): Promise<Row[]>
  /** Runs a statement without values. */
  query(sql: string, timeoutMs?: number): Promise<Row[]>
}

interface Waiting {
  take: (connection: Connection) => void
  fail: (fault: SinkFault) => void
}

/** A few connections to a server, each of which ends rather than hang. */
export class Pool {
  readonly #options: PoolOptions
  readonly #timeouts: Timeouts
  readonly #where: Where
  readonly #open = new Set<Connection>()
  /** Those of connections that do not stand yet, too. */
  readonly #sockets = new Set<Socket>()
  readonly #idle: { connection: Connection; forget: () => void }[] = []
  readonly #waiting: Waiting[] = []
  /** What ends the statement that a connection is at: the driver says nothing of one that was destroyed under it. */
  readonly #underWay = new Map<Connection, (fault: SinkFault) => void>()
  #connecting = 0
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#timeouts = { ...TIMEOUTS, ...options.timeouts }
    this.#where = { ...options.connection, password: options.password }
  }

  /** Gives a connection to a piece of work. One on which something failed that may have left it unusable is closed. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.#acquire()
    let isSound = false
    try {
      const value = await work(this.#session(connection))
      isSound = true
      return value
    } catch (error) {
      throw sinkFault(error, this.#where)
    } finally {
      if (isSound) this.#release(connection)
      else this.#drop(connection)
    }
  }

  /** The same within one transaction, which is rolled back unless the work is done. */
  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.use(async (session) => {
      await session.query('START TRANSACTION')
      // What fails closes the connection, which rolls back.
      const value = await work(session)
      await session.query('COMMIT')
      return value
    })
  }

  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.fail(closed())
    for (const { forget } of this.#idle.splice(0)) forget()
    for (const connection of this.#open) connection.destroy()
    this.#open.clear()
    for (const giveUp of this.#underWay.values()) giveUp(closed())
    for (const socket of this.#sockets) socket.destroy()
  }

  #session(connection: Connection): Session {
    const { statementMs } = this.#timeouts
    return {
      execute: async (sql, values = [], timeoutMs = statementMs) => {
        const [rows] = await this.#within(connection, timeoutMs, connection.execute(sql, [...values]))
        return rows as Row[]
      },
      query: async (sql, timeoutMs = statementMs) => {
        const [rows] = await this.#within(connection, timeoutMs, connection.query(sql))
        return rows as Row[]
      },
    }
  }

  async #within<T>(connection: Connection, timeoutMs: number, answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#underWay.set(connection, reject)
      const cancel = this.#options.clock.after(timeoutMs, () => {
        connection.destroy()
        end()
        reject(new SinkFault('timeout', `${this.#name} did not answer within ${timeoutMs} ms`, { retry: true }))
      })
      const end = () => {
        cancel()
        this.#underWay.delete(connection)
      }
      void answer.then(resolve, reject).finally(end)
    })
  }

  async #acquire(): Promise<Connection> {
    if (this.#closed) throw closed()
    const idle = this.#idle.pop()
    if (idle) {
      idle.forget()
      return idle.connection
    }
    if (this.#open.size + this.#connecting < CONNECTIONS_MAX) return this.#connect()
    return this.#wait()
  }

  async #connect(): Promise<Connection> {
    this.#connecting += 1
    try {
      const connection = await createConnection(this.#driverOptions())
      this.#open.add(connection)
      connection.on('error', () => this.#drop(connection))
      // Not destroyed: what it is at is told so when its socket has closed.
      connection.on('end', () => this.#forget(connection))
      await this.#begin(connection)
      return connection
    } catch (error) {
      throw this.#closed ? closed() : sinkFault(error, this.#where)
    } finally {
      this.#connecting -= 1
      this.#makeRoom()
    }
  }

  async #begin(connection: Connection): Promise<void> {
    try {
      await this.#within(connection, this.#timeouts.connectMs, connection.query(SESSION))
    } catch (error) {
      this.#drop(connection)
      throw error
    }
  }

  async #wait(): Promise<Connection> {
    const busy = (why: string) => new SinkFault('busy', `${this.#name}: ${why}`, { retry: true })
    if (this.#waiting.length >= WAITING_MAX) throw busy('too many calls wait for a connection')
    return new Promise<Connection>((resolve, reject) => {
      const waiting: Waiting = {
        take: (connection) => {
          cancel()
          resolve(connection)
        },
        fail: (fault) => {
          cancel()
          reject(fault)
        },
      }
      const cancel = this.#options.clock.after(this.#timeouts.acquireMs, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(busy(`no connection was free within ${this.#timeouts.acquireMs} ms`))
      })
      this.#waiting.push(waiting)
    })
  }

  #release(connection: Connection): void {
    if (!this.#open.has(connection)) return
    const next = this.#waiting.shift()
    if (next) return next.take(connection)
    const idle = { connection, forget: this.#options.clock.after(this.#timeouts.idleMs, () => this.#drop(connection)) }
    this.#idle.push(idle)
  }

  #drop(connection: Connection): void {
    if (!this.#forget(connection)) return
    connection.destroy()
    this.#makeRoom()
  }

  #forget(connection: Connection): boolean {
    const at = this.#idle.findIndex((idle) => idle.connection === connection)
    if (at >= 0) for (const { forget } of this.#idle.splice(at, 1)) forget()
    return this.#open.delete(connection)
  }

  /** Somebody waits and there is room for one more connection. */
  #makeRoom(): void {
    if (this.#closed || this.#open.size + this.#connecting >= CONNECTIONS_MAX) return
    const next = this.#waiting.shift()
    if (next) void this.#connect().then(next.take, (error: unknown) => next.fail(sinkFault(error, this.#where)))
  }

  get #name(): string {
    return `${this.#where.host}:${this.#where.port}`
  }

  #driverOptions(): ConnectionOptions {
    const { connection, password } = this.#options
    const { host, port, user, database, tls, ca } = connection
    return {
      host,
      port,
      user,
      database,
      ...(password === undefined ? {} : { password }),
      ...(tls === 'verify' ? { ssl: { ...VERIFIED, ...(ca === undefined ? {} : { ca }) } } : {}),
      charset: 'utf8mb4_bin',
      timezone: 'Z',
      dateStrings: true,
      supportBigNumbers: true,
      connectTimeout: this.#timeouts.connectMs,
      maxPreparedStatements: STATEMENTS_MAX,
      flags: ['-LOCAL_FILES'],
      stream: () => this.#socket(),
    }
  }

  #socket(): Socket {
    const { connection, lookup, refuse } = this.#options
    const { host, port } = connection
    const socket = connectSocket({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      ...(lookup ? { lookup } : {}),
    })
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const refusal = isIP(host) === 0 ? undefined : refuse?.(host, port)
    if (refusal) socket.destroy(refusal)
    // By this name Node checks the certificate when TLS begins on a socket that is there already.
    return Object.assign(socket, { _host: host })
  }
}

function closed(): SinkFault {
  return new SinkFault('closed', 'the sink was closed')
}
