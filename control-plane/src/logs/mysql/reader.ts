import type { Json } from '../../jobs/job.ts'
import type { EndedAttempt, EndedRun, LateResult, RunError } from '../../runs/run.ts'
import type { AttemptsQuery, RunsPage, RunsQuery } from '../../store/ledger.ts'
import { decodeCursor, encodeCursor } from '../../store/ledger-cursor.ts'
import { placeOf } from '../../store/keys.ts'
import { storedRun } from '../../store/run-rows.ts'
import { instant } from '../cells.ts'
import { SINK_TABLES } from '../tables.ts'
import type { Pool, Row } from './pool.ts'

/** Attempts that one question answers at most. */
const ATTEMPTS_MAX = 10_000
const LATE_RESULTS_MAX = 1000

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
  const sql = `${selectRuns(tablePrefix)} WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${limit + 1}`
  const found = (await pool.use((session) => session.execute(sql, values))).map(runOf)
  // As in the ledger, lists leave out how the shards of a run of many ended.
  const rows = found.slice(0, limit).map((run) => storedRun(run).row)
  const last = rows.at(-1)
  return found.length > limit && last ? { rows, next: encodeCursor(placeOf(last), query) } : { rows }
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
  return (await pool.use((session) => session.execute(sql, values))).map(attemptOf)
}

export async function readLateResults(pool: Pool, tablePrefix: string, run: string): Promise<LateResult[]> {
  const sql = `${select(tablePrefix, 'late-result')} WHERE run=? ORDER BY log_index, log_ordinal LIMIT ${LATE_RESULTS_MAX}`
  return (await pool.use((session) => session.execute(sql, [run]))).map(lateResultOf)
}

function select(tablePrefix: string, kind: keyof typeof SINK_TABLES): string {
  const { name, columns } = SINK_TABLES[kind]
  return `SELECT ${columns.map((column) => `\`${column}\``).join(',')} FROM \`${tablePrefix}${name}\``
}

const selectRuns = (tablePrefix: string): string => select(tablePrefix, 'run')

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
    const [time, index, ordinal] = placeIn(decodeCursor(cursor, query))
    const on = newestFirst ? '<' : '>'
    and(
      `fire_time${on}=? AND (fire_time${on}? OR log_index${on}? OR (log_index=? AND log_ordinal${on}?))`,
      ...[time, time, index, index, ordinal],
    )
  }
  return { conditions, values }
}

/** The values of a place, as text. */
function placeIn(place: string): [time: string, index: string, ordinal: string] {
  const [time = 0, index = 0, ordinal = 0] = place.split('/').map((digits) => Number.parseInt(digits, 36))
  return [instant(time), integer(index), integer(ordinal)]
}

/** As the driver should send it: as text, which servers compare with whole numbers exactly. */
function integer(value: number): string {
  return String(Math.trunc(Number.isSafeInteger(Math.trunc(value)) ? value : 0))
}

function runOf(row: Row): EndedRun {
  const read = new Cells(row)
  const parent = read.text('parent_run')
  const error = errorOf(read)
  return {
    id: read.needed('id'),
    job: read.number('job'),
    jobName: read.needed('job_name'),
    namespace: read.number('namespace'),
    cause: read.needed('cause') as EndedRun['cause'],
    state: read.needed('state') as EndedRun['state'],
    fireTime: read.time('fire_time'),
    dueTime: read.time('due_time'),
    createdAt: read.time('created_at'),
    ...read.optional('startedAt', read.timeOrNone('started_at')),
    endedAt: read.time('ended_at'),
    jobVersion: read.number('job_version'),
    params: (read.json('params') ?? {}) as EndedRun['params'],
    ...read.optional('requestedBy', read.text('requested_by')),
    schedules: (read.json('schedules') ?? []) as string[],
    attempts: read.number('attempts'),
    ...read.optional('shardEnds', read.list('shards') as EndedRun['shardEnds']),
    ...read.optional('executor', read.text('executor')),
    ...read.optional('result', read.json('result')),
    ...read.optional('error', error),
    ...read.optional('reason', read.text('reason') as EndedRun['reason']),
    ...read.optional('into', read.text('into_run')),
    ...(parent === undefined
      ? {}
      : { parent: { run: parent, moment: read.needed('parent_moment') as NonNullable<EndedRun['parent']>['moment'] } }),
    ...read.optional('rerunOf', read.text('rerun_of')),
    ...read.optional('backfill', read.text('backfill')),
    sequence: read.sequence(),
  }
}

function attemptOf(row: Row): EndedAttempt {
  const read = new Cells(row)
  return {
    id: read.needed('id'),
    run: read.needed('run'),
    shard: read.number('shard'),
    ordinal: read.number('attempt'),
    fencingToken: read.number('fencing_token'),
    executor: read.needed('executor'),
    node: read.needed('node'),
    startedAt: read.time('started_at'),
    ...read.optional('sentAt', read.timeOrNone('sent_at')),
    endedAt: read.time('ended_at'),
    outcome: read.needed('outcome') as EndedAttempt['outcome'],
    ...read.optional('status', row['status'] === null ? undefined : read.number('status')),
    ...read.optional('result', read.json('result')),
    ...read.optional('error', errorOf(read)),
    next: read.needed('next') as EndedAttempt['next'],
    ...read.optional('logs', read.list('logs') as unknown as EndedAttempt['logs']),
    ...read.optional('output', read.json('output') as unknown as EndedAttempt['output']),
    ...read.optional('progress', read.json('progress') as unknown as EndedAttempt['progress']),
    sequence: read.sequence(),
  }
}

function lateResultOf(row: Row): LateResult {
  const read = new Cells(row)
  return {
    attempt: read.needed('attempt'),
    run: read.needed('run'),
    job: read.number('job'),
    namespace: read.number('namespace'),
    outcome: read.needed('outcome') as LateResult['outcome'],
    at: read.time('at'),
    ...read.optional('result', read.json('result')),
    ...read.optional('error', errorOf(read)),
    sequence: read.sequence(),
  }
}

function errorOf(read: Cells): RunError | undefined {
  const code = read.text('error_code')
  if (code === undefined) return undefined
  return { code, message: read.text('error_message') ?? '', ...read.optional('name', read.text('error_name')) }
}

/** The cells of a row as values. Where somebody wrote something else into one, it is as if it were empty. */
class Cells {
  readonly #row: Row

  constructor(row: Row) {
    this.#row = row
  }

  text(column: string): string | undefined {
    const value = this.#row[column]
    return value === null || value === undefined ? undefined : String(value)
  }

  needed(column: string): string {
    return this.text(column) ?? ''
  }

  number(column: string): number {
    return Number(this.#row[column] ?? 0)
  }

  timeOrNone(column: string): number | undefined {
    const value = this.text(column)
    return value === undefined ? undefined : Date.parse(`${value.replace(' ', 'T')}Z`)
  }

  time(column: string): number {
    return this.timeOrNone(column) ?? 0
  }

  json(column: string): Json | undefined {
    const value = this.text(column)
    if (value === undefined) return undefined
    try {
      return JSON.parse(value) as Json
    } catch {
      return undefined
    }
  }

  /** JSON that was too long to be kept whole is no list. */
  list(column: string): Json[] | undefined {
    const value = this.json(column)
    return Array.isArray(value) ? value : undefined
  }

  sequence(): readonly [number, number] {
    return [this.number('log_index'), this.number('log_ordinal')]
  }

  optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
    return value === undefined ? {} : ({ [name]: value } as { [P in K]?: V })
  }
}
