import type { EndedAttempt, EndedRun, LateResult } from '../../runs/run.ts'
import type { Clock, Millis } from '../../runtime/clock.ts'
import type { AttemptsQuery, RunsPage, RunsQuery } from '../../store/ledger.ts'
import type { HourSum, LogRow, LogRowKind, RowMark, SinkTarget } from '../row.ts'
import type { Sequence, SinkConnection, SinkGap } from '../sink.ts'
import type { SinkReader } from '../sink-reader.ts'
import { checkOwner } from './owner.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { readAttempts, readLateResults, readRun, readRuns } from './reader.ts'
import { knownMigrations, migrate } from './schema.ts'
import { hourSums, rowMarks } from './sums.ts'
import { writeGapRows, writeRows } from './writer.ts'

/** Characters of what a server says that it is. */
const SERVER_LENGTH_MAX = 200

export interface MysqlDriverDeps extends Pick<PoolOptions, 'lookup' | 'refuse' | 'timeouts'> {
  clock: Clock
  /** Whose rows they are: one cluster writes into a set of tables. */
  cluster: () => string
}

/** Sinks in MySQL and what speaks its protocol. Nothing is connected to before something is asked for. */
export function mysqlDriver(deps: MysqlDriverDeps) {
  const open = (connection: SinkConnection, password: string | undefined) => new MysqlSink(deps, connection, password)
  return { target: open, reader: open }
}

class MysqlSink implements SinkTarget, SinkReader {
  readonly #deps: MysqlDriverDeps
  readonly #prefix: string
  readonly #pool: Pool
  #owned: Promise<void> | undefined

  constructor(deps: MysqlDriverDeps, connection: SinkConnection, password: string | undefined) {
    const { clock, lookup, refuse, timeouts } = deps
    this.#deps = deps
    this.#prefix = connection.tablePrefix
    this.#pool = new Pool({ connection, password, clock, lookup, refuse, timeouts })
  }

  async prepare(): Promise<void> {
    const owner = { cluster: this.#deps.cluster(), tablePrefix: this.#prefix, now: this.#deps.clock.now() }
    await migrate(this.#pool, owner, knownMigrations())
  }

  async server(): Promise<string> {
    const [row] = await this.#pool.use((session) =>
      session.query('SELECT VERSION() AS version, @@version_comment AS comment'),
    )
    return `${row?.['version'] ?? ''} (${row?.['comment'] ?? ''})`.slice(0, SERVER_LENGTH_MAX)
  }

  write(rows: readonly LogRow[]): Promise<void> {
    return writeRows(this.#pool, this.#prefix, rows)
  }

  writeGaps(gaps: readonly SinkGap[]): Promise<void> {
    return writeGapRows(this.#pool, this.#prefix, gaps)
  }

  sums(upTo: Sequence): AsyncIterable<HourSum> {
    return hourSums(this.#pool, this.#prefix, upTo)
  }

  rowsOf(kind: LogRowKind, hour: Millis, upTo: Sequence): AsyncIterable<readonly RowMark[]> {
    return rowMarks(this.#pool, this.#prefix, kind, hour, upTo)
  }

  async run(id: string): Promise<EndedRun | undefined> {
    await this.#mayRead()
    return readRun(this.#pool, this.#prefix, id)
  }

  async runs(query: RunsQuery): Promise<RunsPage> {
    await this.#mayRead()
    return readRuns(this.#pool, this.#prefix, query)
  }

  async attempts(run: string, query?: AttemptsQuery): Promise<EndedAttempt[]> {
    await this.#mayRead()
    return readAttempts(this.#pool, this.#prefix, run, query)
  }

  async lateResults(run: string): Promise<LateResult[]> {
    await this.#mayRead()
    return readLateResults(this.#pool, this.#prefix, run)
  }

  async close(): Promise<void> {
    this.#pool.close()
  }

  /** Looked at once: tables do not change hands. */
  #mayRead(): Promise<void> {
    const owned = (this.#owned ??= checkOwner(this.#pool, this.#prefix, this.#deps.cluster()))
    owned.catch(() => {
      if (this.#owned === owned) this.#owned = undefined
    })
    return owned
  }
}
