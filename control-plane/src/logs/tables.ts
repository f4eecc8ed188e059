import type { EndedRun, RunError } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { type Cell, instant, json, text, whole } from './cells.ts'
import type { LogRow, LogRowKind } from './row.ts'

/** Characters that a column of the kind takes. Longer texts are cut. */
const ID = 255
const NAME = 255
const WORD = 64
const MESSAGE = 65_536
/** Bytes that JSON of the kind takes: more than the product lets in, except where thousands of shards have long items. */
const RESULT_BYTES_MAX = 256 * 1024
const LOGS_BYTES_MAX = 512 * 1024
const PARAMS_BYTES_MAX = 1_048_576
const SHARDS_BYTES_MAX = 1_572_864
const LIST_BYTES_MAX = 64 * 1024

/** Bytes that the longest row of any table has at most. */
export const ROW_BYTES_MAX = 3_500_000

/** How rows of a kind stand in a table of a sink. */
export interface SinkTable {
  kind: LogRowKind
  /** Without the sink's prefix. */
  name: string
  /** The first two are the sequence, and the key. */
  columns: readonly string[]
  /** So many of the first columns never change. Behind them stand names, which may. */
  lasting: number
  cells(row: LogRow): Cell[]
  /** What puts the row into an hour, and the column of that. */
  at(row: LogRow): Millis
  atColumn: string
}

type Column<K extends LogRowKind> = readonly [name: string, cell: (row: Extract<LogRow, { kind: K }>) => Cell]

const sequence = [
  ['log_index', ({ row }) => number(row.sequence[0])],
  ['log_ordinal', ({ row }) => number(row.sequence[1])],
] as const satisfies Column<LogRowKind>[]

const names = [
  ['namespace_name', ({ namespaceName }) => name(namespaceName)],
  ['job_name', ({ jobName }) => name(jobName)],
] as const satisfies Column<Exclude<LogRowKind, 'run'>>[]

const error = [
  ['error_code', ({ row }) => text(row.error?.code, ID)],
  ['error_name', ({ row }) => text(row.error?.name, ID)],
  ['error_message', ({ row }) => text(row.error?.message, MESSAGE)],
] as const satisfies readonly (readonly [string, (row: { row: { error?: RunError } }) => Cell])[]

const RUNS: readonly Column<'run'>[] = [
  ...sequence,
  ['id', ({ row }) => id(row.id)],
  ['namespace', ({ row }) => number(row.namespace)],
  ['job', ({ row }) => number(row.job)],
  ['state', ({ row }) => word(row.state)],
  ['cause', ({ row }) => word(row.cause)],
  ['fire_time', ({ row }) => time(row.fireTime)],
  ['due_time', ({ row }) => time(row.dueTime)],
  ['created_at', ({ row }) => time(row.createdAt)],
  ['started_at', ({ row }) => instant(row.startedAt)],
  ['ended_at', ({ row }) => time(row.endedAt)],
  ['job_version', ({ row }) => number(row.jobVersion)],
  ['attempts', ({ row }) => number(row.attempts)],
  ['executor', ({ row }) => text(row.executor, ID)],
  ['reason', ({ row }) => text(row.reason, WORD)],
  ['into_run', ({ row }) => text(row.into, ID)],
  ['requested_by', ({ row }) => text(row.requestedBy, ID)],
  ['came_of', ({ row }) => text(row.rerunOf ?? row.backfill ?? row.parent?.run, ID)],
  ['parent_run', ({ row }) => text(row.parent?.run, ID)],
  ['parent_moment', ({ row }) => text(row.parent?.moment, WORD)],
  ['rerun_of', ({ row }) => text(row.rerunOf, ID)],
  ['backfill', ({ row }) => text(row.backfill, ID)],
  ['schedules', ({ row }) => json(row.schedules, LIST_BYTES_MAX)],
  ['params', ({ row }) => json(row.params, PARAMS_BYTES_MAX)],
  ['result', ({ row }) => json(row.result, RESULT_BYTES_MAX)],
  ...error,
  ['shards', ({ row }) => shards(row)],
  ['job_name', ({ row }) => name(row.jobName)],
  ['namespace_name', ({ namespaceName }) => name(namespaceName)],
]

const ATTEMPTS: readonly Column<'attempt'>[] = [
  ...sequence,
  ['id', ({ row }) => id(row.id)],
  ['run', ({ row }) => id(row.run)],
  ['shard', ({ row }) => number(row.shard)],
  ['attempt', ({ row }) => number(row.ordinal)],
  ['namespace', ({ namespace }) => number(namespace)],
  ['job', ({ job }) => number(job)],
  ['outcome', ({ row }) => word(row.outcome)],
  ['next', ({ row }) => word(row.next)],
  ['executor', ({ row }) => id(row.executor)],
  ['node', ({ row }) => id(row.node)],
  ['fencing_token', ({ row }) => number(row.fencingToken)],
  ['started_at', ({ row }) => time(row.startedAt)],
  ['sent_at', ({ row }) => instant(row.sentAt)],
  ['ended_at', ({ row }) => time(row.endedAt)],
  ['status', ({ row }) => whole(row.status)],
  ['result', ({ row }) => json(row.result, RESULT_BYTES_MAX)],
  ...error,
  ['logs', ({ row }) => json(row.logs, LOGS_BYTES_MAX)],
  ['output', ({ row }) => json(row.output, LIST_BYTES_MAX)],
  ['progress', ({ row }) => json(row.progress, LIST_BYTES_MAX)],
  ...names,
]

const STRETCHES: readonly Column<'stretch'>[] = [
  ...sequence,
  ['id', ({ row }) => id(row.id)],
  ['namespace', ({ row }) => number(row.namespace)],
  ['job', ({ row }) => number(row.job)],
  ['reason', ({ row }) => word(row.reason)],
  ['from_time', ({ row }) => time(row.from)],
  ['to_time', ({ row }) => time(row.to)],
  ['fires', ({ row }) => number(row.count)],
  ['into_run', ({ row }) => text(row.into, ID)],
  ...names,
]

const LATE_RESULTS: readonly Column<'late-result'>[] = [
  ...sequence,
  ['attempt', ({ row }) => id(row.attempt)],
  ['run', ({ row }) => id(row.run)],
  ['namespace', ({ row }) => number(row.namespace)],
  ['job', ({ row }) => number(row.job)],
  ['outcome', ({ row }) => word(row.outcome)],
  ['at', ({ row }) => time(row.at)],
  ['result', ({ row }) => json(row.result, RESULT_BYTES_MAX)],
  ...error,
  ...names,
]

/** The tables of a sink by the kind of their rows. */
export const SINK_TABLES: { readonly [K in LogRowKind]: SinkTable } = {
  run: table('run', 'runs', RUNS, 'ended_at', ({ row }) => row.endedAt),
  attempt: table('attempt', 'attempts', ATTEMPTS, 'ended_at', ({ row }) => row.endedAt),
  stretch: table('stretch', 'stretches', STRETCHES, 'to_time', ({ row }) => row.to),
  'late-result': table('late-result', 'late_results', LATE_RESULTS, 'at', ({ row }) => row.at),
}

function table<K extends LogRowKind>(
  kind: K,
  tableName: string,
  columns: readonly Column<K>[],
  atColumn: string,
  at: (row: Extract<LogRow, { kind: K }>) => Millis,
): SinkTable {
  const makers = columns.map(([, make]) => make)
  return {
    kind,
    name: tableName,
    columns: columns.map(([column]) => column),
    lasting: columns.findIndex(([column]) => column === 'namespace_name'),
    cells: (row) => makers.map((make) => make(row as Extract<LogRow, { kind: K }>)),
    at: (row) => at(row as Extract<LogRow, { kind: K }>),
    atColumn,
  }
}

const number = (value: number): string => whole(value) ?? '0'
const time = (at: Millis): string => instant(at) ?? instant(0)
const id = (value: string): string => text(value, ID) ?? ''
const name = (value: string): string => text(value, NAME) ?? ''
const word = (value: string): string => text(value, WORD) ?? ''

/** How the shards of a run ended; with less of each where all is too much for a row. */
function shards({ shardEnds }: EndedRun): Cell {
  if (shardEnds === undefined) return null
  const less = [
    () => shardEnds,
    () => shardEnds.map(({ index, outcome, attempts, executor }) => ({ index, outcome, attempts, executor })),
    () => shardEnds.map(({ index, outcome, attempts }) => ({ index, outcome, attempts })),
  ]
  let kept: Cell = null
  for (const ends of less) {
    kept = json(ends(), SHARDS_BYTES_MAX)
    // What is cut is no list any more.
    if (kept?.startsWith('[')) return kept
  }
  return kept
}
