import type { EndedAttempt, EndedRun, LateResult } from '../../runs/run.ts'
import type { AttemptsQuery, RunsPage, RunsQuery } from '../../store/ledger.ts'
import { decodeCursor, encodeCursor } from '../../store/ledger-cursor.ts'
import { placeOf } from '../../store/keys.ts'
import { storedRun } from '../../store/run-rows.ts'
import { instant } from '../cells.ts'
import { SINK_TABLES } from '../tables.ts'
import type { Pool } from './pool.ts'
import { attemptOf, lateResultOf, placeIn, runOf } from './row-values.ts'

/** Attempts that one question answers at most. */
const ATTEMPTS_MAX = 10_000
const LATE_RESULTS_MAX = 1000
/** Columns that take more than a word, and bytes of such a cell that are read: more than is ever written. */
const LONG_COLUMNS: ReadonlySet<string> = new Set(
  'schedules params result shards error_message logs output progress'.split(' '),
)
const CELL_BYTES_MAX = 2 * 1024 * 1024
/** The same in lists, which have many rows and show none of what is long but how few shards ended. */
const LISTED_CELL_BYTES_MAX = 64 * 1024
const UNLISTED: ReadonlySet<string> = new Set(['params', 'result'])

export async function readRun(pool: Pool, tablePrefix: string, id: string): Promise<EndedRun | undefined> {
  const sql = `${selectRuns(tablePrefix)} WHERE id=? ORDER BY log_index, log_ordinal LIMIT 1`
  const [row] = await pool.use((session) => session.execute(sql, [id]))
  return row && runOf(row)
}

/** A page of runs. Its cursors are those of the ledger. */
export async function readRuns(pool: Pool, tablePrefix: string, query: RunsQuery): Promise<RunsPage> {
  const { conditions, values } = conditionsOf(query)
  const direction = query.newestFirst ? 'DESC' : 'ASC'
  const order = ['fire_time', 'log_index', 'log_ordinal'].map((column) => `${column} ${direction}`).join(', ')
  const limit = Math.max(0, Math.trunc(query.limit))
  const sql = `${selectList(tablePrefix)} WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${limit + 1}`
  const found = await pool.use((session) => session.execute(sql, values))
  const listed = found.slice(0, limit)
  // As in the ledger, lists leave out how the shards of a run of many ended.
  const rows = sound(listed.map(runOf)).map((run) => storedRun(run).row)
  const last = listed.at(-1)
  return found.length > limit && last ? { rows, next: encodeCursor(placeOf(placeIn(last)), query) } : { rows }
}

export async function readAttempts(
  pool: Pool,
  tablePrefix: string,
  run: string,
  { shard, after, limit = ATTEMPTS_MAX }: AttemptsQuery = {},
): Promise<EndedAttempt[]> {
  const conditions = ['run=?']
  const values = [run]
  if (shard !== undefined) {
    conditions.push('shard=?')
    values.push(integer(shard))
  }
  if (after !== undefined) {
    const [ofShard, ordinal] = after
    conditions.push('(shard>? OR (shard=? AND attempt>?))')
    values.push(integer(ofShard), integer(ofShard), integer(ordinal))
  }
  const few = Math.min(Math.max(0, Math.trunc(limit)), ATTEMPTS_MAX)
  const sql = `${select(tablePrefix, 'attempt')} WHERE ${conditions.join(' AND ')} ORDER BY shard, attempt LIMIT ${few}`
  return sound((await pool.use((session) => session.execute(sql, values))).map(attemptOf))
}

export async function readLateResults(pool: Pool, tablePrefix: string, run: string): Promise<LateResult[]> {
  const sql = `${select(tablePrefix, 'late-result')} WHERE run=? ORDER BY log_index, log_ordinal LIMIT ${LATE_RESULTS_MAX}`
  return sound((await pool.use((session) => session.execute(sql, [run]))).map(lateResultOf))
}

/** What others may write into the database fills no memory here. */
function select(
  tablePrefix: string,
  kind: keyof typeof SINK_TABLES,
  bytesMax = CELL_BYTES_MAX,
  unlisted: ReadonlySet<string> = new Set(),
): string {
  const { name, columns } = SINK_TABLES[kind]
  const cells = columns.map((column) => {
    if (unlisted.has(column)) return `NULL AS \`${column}\``
    if (!LONG_COLUMNS.has(column)) return `\`${column}\``
    return `IF(LENGTH(\`${column}\`)>${bytesMax},NULL,\`${column}\`) AS \`${column}\``
  })
  return `SELECT ${cells.join(',')} FROM \`${tablePrefix}${name}\``
}

const selectRuns = (tablePrefix: string): string => select(tablePrefix, 'run')
const selectList = (tablePrefix: string): string => select(tablePrefix, 'run', LISTED_CELL_BYTES_MAX, UNLISTED)

function sound<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}

interface Conditions {
  conditions: string[]
  values: string[]
}

function conditionsOf(query: RunsQuery): Conditions {
  const { namespace, job, origin, states = [], causes = [], from, to, newestFirst, cursor } = query
  const conditions = ['namespace=?']
  const values = [integer(namespace)]
  const and = (condition: string, ...more: string[]) => {
    conditions.push(condition)
    values.push(...more)
  }
  if (job !== undefined) and('job=?', integer(job))
  if (origin !== undefined) {
    const column = { parent: 'parent_run', rerunOf: 'rerun_of', backfill: 'backfill' }[origin.of]
    // What came of it stands in its index; a child that is done again came of the run that it does again.
    and(`came_of=? AND \`${column}\`=?`, origin.id, origin.id)
    if (origin.of === 'parent') and("cause='child'")
  }
  if (states.length > 0) and(`state IN (${states.map(() => '?').join(',')})`, ...states)
  if (causes.length > 0) and(`cause IN (${causes.map(() => '?').join(',')})`, ...causes)
  if (from !== undefined) and('fire_time>=?', instant(from))
  if (to !== undefined) and('fire_time<?', instant(to))
  if (cursor !== undefined) {
    const [time, index, ordinal] = valuesOf(decodeCursor(cursor, query))
    const on = newestFirst ? '<' : '>'
    and(
      `fire_time${on}=? AND (fire_time${on}? OR log_index${on}? OR (log_index=? AND log_ordinal${on}?))`,
      ...[time, time, index, index, ordinal],
    )
  }
  return { conditions, values }
}

/** The values of a place, as text. */
function valuesOf(place: string): [time: string, index: string, ordinal: string] {
  const [time = 0, index = 0, ordinal = 0] = place.split('/').map((digits) => Number.parseInt(digits, 36))
  return [instant(time), integer(index), integer(ordinal)]
}

/** As the driver should send it: as text, which servers compare with whole numbers exactly. */
function integer(value: number): string {
  return String(Math.trunc(Number.isSafeInteger(Math.trunc(value)) ? value : 0))
}
