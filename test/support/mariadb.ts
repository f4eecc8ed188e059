import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { freePorts } from './ports.ts'

const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 5000
const USER = 'app'
const DATABASE = 'cronclave'

/** The programs of MariaDB that a private instance needs, or undefined where they are not installed. */
export const mariadbPrograms = programs()

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A MariaDB of a test's own: on a loopback port, in a temporary folder, with one user and one database. */
export class MariaDb {
  readonly folder = mkdtempSync(join(tmpdir(), 'cronclave-db-'))
  readonly host = '127.0.0.1'
  readonly port: number
  readonly user = USER
  readonly password = 'p@ss "word" %'
  readonly database = DATABASE
  readonly #flags: readonly string[]
  #server: ChildProcess | undefined

  private constructor(port: number, flags: readonly string[]) {
    this.port = port
    this.#flags = flags
  }

  /** Starts one; `flags` are the server's own. */
  static async start(flags: readonly string[] = []): Promise<MariaDb> {
    const [port = 0] = await freePorts(1)
    const db = new MariaDb(port, flags)
    db.#install()
    await db.start()
    await db.asRoot(
      `CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${db.password.replaceAll("'", "''")}'`,
      `CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`,
      `GRANT ALL ON ${DATABASE}.* TO ${USER}@'127.0.0.1'`,
    )
    return db
  }

  /** What a sink has to know of it, without the password. */
  connection(tablePrefix = 'cronclave_') {
    const { host, port, user, database } = this
    return { kind: 'mysql', host, port, user, database, tls: 'off', tablePrefix } as const
  }

  /** Starts the server on what it has, again after `stop` or `kill`. */
  async start(more: readonly string[] = []): Promise<void> {
    const log = join(this.folder, 'error.log')
    const server = spawn(
      need().server,
      [
        '--no-defaults',
        `--user=${userInfo().username}`,
        `--datadir=${join(this.folder, 'data')}`,
        `--tmpdir=${join(this.folder, 'tmp')}`,
        `--socket=${join(this.folder, 's.sock')}`,
        `--pid-file=${join(this.folder, 'pid')}`,
        `--port=${this.port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--innodb-buffer-pool-size=64M',
        '--innodb-log-file-size=48M',
        '--performance-schema=OFF',
        '--skip-log-bin',
        '--character-set-server=utf8mb4',
        `--log-error=${log}`,
        ...this.#flags,
        ...more,
      ],
      { stdio: 'ignore' },
    )
    running.add(server)
    server.once('exit', () => running.delete(server))
    this.#server = server
    const until = Date.now() + START_TIMEOUT_MS
    while (!(await this.#answers())) {
      if (server.exitCode !== null || Date.now() > until) {
        throw new Error(`MariaDB does not start:\n${existsSync(log) ? readFileSync(log, 'utf8').slice(-4000) : ''}`)
      }
      await wait(25)
    }
  }

  /** Runs statements as the administrator; the rows of the last one. */
  async asRoot(...statements: string[]): Promise<RowDataPacket[]> {
    const connection = await this.#root()
    try {
      let rows: RowDataPacket[] = []
      for (const statement of statements) [rows] = (await connection.query(statement)) as unknown as [RowDataPacket[]]
      return rows
    } finally {
      connection.destroy()
    }
  }

  /** Rows of a query in the database of the sink. */
  async rows(sql: string): Promise<RowDataPacket[]> {
    return this.asRoot(`USE ${this.database}`, sql)
  }

  /** It no longer answers, and its connections stay open. */
  hang(): void {
    const { pid } = this.#server ?? {}
    this.#server?.kill('SIGSTOP')
    // The system stops its threads one by one.
    const until = Date.now() + STOP_TIMEOUT_MS
    while (pid !== undefined && !isStopped(pid) && Date.now() < until) continue
  }

  goOn(): void {
    this.#server?.kill('SIGCONT')
  }

  /** Ends it at once, as a power failure would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    server.kill('SIGCONT')
    await ended
  }

  #install(): void {
    mkdirSync(join(this.folder, 'tmp'))
    execFileSync(
      need().install,
      [
        '--no-defaults',
        `--user=${userInfo().username}`,
        `--datadir=${join(this.folder, 'data')}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
      ],
      { stdio: 'pipe' },
    )
  }

  async #answers(): Promise<boolean> {
    try {
      const connection = await this.#root()
      connection.destroy()
      return true
    } catch {
      return false
    }
  }

  #root(): Promise<Connection> {
    return createConnection({ socketPath: join(this.folder, 's.sock'), user: 'root', connectTimeout: 5000 })
  }
}

function need(): { server: string; install: string } {
  if (!mariadbPrograms) throw new Error('mariadbd is not installed (Debian: mariadb-server-core)')
  return mariadbPrograms
}

function programs(): { server: string; install: string } | undefined {
  const server = found('mariadbd')
  const install = found('mariadb-install-db')
  return server && install ? { server, install } : undefined
}

function found(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/usr/bin']
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

/** Whether every thread of a process is stopped; where the system does not say so, it is taken for granted. */
function isStopped(pid: number): boolean {
  const threads = `/proc/${pid}/task`
  if (!existsSync(threads)) return true
  return readdirSync(threads).every((thread) => {
    try {
      return /\) [Tt] /.test(readFileSync(join(threads, thread, 'stat'), 'utf8'))
    } catch {
      return true
    }
  })
}
