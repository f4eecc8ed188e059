import type { Json } from '../../jobs/job.ts'
import { isRecord, parseJson } from '../../dispatch/outcome.ts'
import { CAUSES, ENDED_STATES, OUTCOMES, SKIP_REASONS } from '../../metrics/words.ts'
import type { EndedAttempt, EndedRun, EndedShard, LateResult, LogLine, RunError } from '../../runs/run.ts'
import { NARROW_MAX, WIDE_MAX } from '../../store/key-number.ts'
import { SinkFault } from '../sink-fault.ts'
import type { Row } from './pool.ts'

const MOMENTS = ['success', 'failure', 'completion'] as const
const NEXT = ['done', 'retry', 'failover', 'redispatch', 'queued'] as const
const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/*
 * Others may write into the database of a sink. A row that cannot be one of the ledger's is as if it were not there: its
 * words, numbers and instants stand in answers and cursors. JSON that is not what it should be is as if it were empty.
 */

/** The run that a row is; undefined when it is none. */
export function runOf(row: Row): EndedRun | undefined {
  const read = new Cells(row)
  const parent = read.text('parent_run')
  const moment = read.wordOrNone('parent_moment', MOMENTS)
  const run: EndedRun = {
    id: read.id('id'),
    job: read.number('job'),
    jobName: read.needed('job_name'),
    namespace: read.number('namespace'),
    cause: read.word('cause', CAUSES),
    state: read.word('state', ENDED_STATES),
    fireTime: read.count(read.time('fire_time')),
    dueTime: read.time('due_time'),
    createdAt: read.time('created_at'),
    ...read.optional('startedAt', read.timeOrNone('started_at')),
    endedAt: read.time('ended_at'),
    jobVersion: read.number('job_version'),
    params: read.json('params', isParams) ?? {},
    ...read.optional('requestedBy', read.text('requested_by')),
    schedules: read.json('schedules', isTexts) ?? [],
    attempts: read.count(read.number('attempts')),
    // JSON that was too long to be kept whole is no list.
    ...read.optional('shardEnds', read.json('shards', isEnds)),
    ...read.optional('executor', read.text('executor')),
    ...read.optional('result', read.json('result', isAny)),
    ...read.optional('error', errorOf(read)),
    ...read.optional('reason', read.wordOrNone('reason', SKIP_REASONS)),
    ...read.optional('into', read.text('into_run')),
    ...(parent === undefined || moment === undefined ? {} : { parent: { run: parent, moment } }),
    ...read.optional('rerunOf', read.text('rerun_of')),
    ...read.optional('backfill', read.text('backfill')),
    sequence: read.sequence(),
  }
  return read.isSound ? run : undefined
}

/** The attempt that a row is; undefined when it is none. */
export function attemptOf(row: Row): EndedAttempt | undefined {
  const read = new Cells(row)
  const attempt: EndedAttempt = {
    id: read.id('id'),
    run: read.id('run'),
    shard: read.count(read.number('shard')),
    ordinal: read.count(read.number('attempt')),
    fencingToken: read.number('fencing_token'),
    executor: read.needed('executor'),
    node: read.needed('node'),
    startedAt: read.time('started_at'),
    ...read.optional('sentAt', read.timeOrNone('sent_at')),
    endedAt: read.time('ended_at'),
    outcome: read.word('outcome', OUTCOMES),
    ...read.optional('status', row['status'] === null ? undefined : read.number('status')),
    ...read.optional('result', read.json('result', isAny)),
    ...read.optional('error', errorOf(read)),
    next: read.word('next', NEXT),
    ...read.optional('logs', read.json('logs', isLines)),
    ...read.optional('output', read.json('output', isOutput)),
    ...read.optional('progress', read.json('progress', isProgress)),
    sequence: read.sequence(),
  }
  return read.isSound ? attempt : undefined
}

/** The late result that a row is; undefined when it is none. */
export function lateResultOf(row: Row): LateResult | undefined {
  const read = new Cells(row)
  const late: LateResult = {
    attempt: read.id('attempt'),
    run: read.id('run'),
    job: read.number('job'),
    namespace: read.number('namespace'),
    outcome: read.word('outcome', OUTCOMES),
    at: read.time('at'),
    ...read.optional('result', read.json('result', isAny)),
    ...read.optional('error', errorOf(read)),
    sequence: read.sequence(),
  }
  return read.isSound ? late : undefined
}

/** Where the row of a run stands in lists. Throws a `SinkFault` where it says no such place. */
export function placeIn(row: Row): Pick<EndedRun, 'fireTime' | 'sequence'> {
  const read = new Cells(row)
  const place = { fireTime: read.count(read.time('fire_time')), sequence: read.sequence() }
  if (read.isSound) return place
  throw new SinkFault('schema', 'a row there has a place that no row can have; sink verify names the hour')
}

function errorOf(read: Cells): RunError | undefined {
  const code = read.text('error_code')
  if (code === undefined) return undefined
  return { code, message: read.text('error_message') ?? '', ...read.optional('name', read.text('error_name')) }
}

/** The cells of a row as values. */
class Cells {
  readonly #row: Row
  /** No cell has said so far what none of the ledger's can. */
  isSound = true

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

  id(column: string): string {
    const value = this.needed(column)
    this.#need(value !== '')
    return value
  }

  wordOrNone<W extends string>(column: string, words: readonly W[]): W | undefined {
    const value = this.text(column)
    return words.find((word) => word === value)
  }

  word<W extends string>(column: string, words: readonly W[]): W {
    const value = this.wordOrNone(column, words)
    this.#need(value !== undefined)
    return value ?? (words[0] as W)
  }

  number(column: string): number {
    const value = Number(this.#row[column] ?? 0)
    this.#need(Number.isSafeInteger(value))
    return value
  }

  /** A number that is not below zero, nor above what a key holds. */
  count(value: number, max = WIDE_MAX): number {
    this.#need(value >= 0 && value <= max)
    return value
  }

  timeOrNone(column: string): number | undefined {
    const value = this.text(column)
    if (value === undefined) return undefined
    const at = Date.parse(`${value.replace(' ', 'T')}Z`)
    this.#need(!Number.isNaN(at))
    return at
  }

  time(column: string): number {
    return this.timeOrNone(column) ?? 0
  }

  json<V>(column: string, is: (value: unknown) => value is V): V | undefined {
    const text = this.text(column)
    const value = text === undefined ? undefined : parseJson(text)
    return is(value) ? value : undefined
  }

  sequence(): readonly [number, number] {
    return [this.count(this.number('log_index')), this.count(this.number('log_ordinal'), NARROW_MAX)]
  }

  optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
    return value === undefined ? {} : ({ [name]: value } as { [P in K]?: V })
  }

  #need(holds: boolean): void {
    this.isSound &&= holds
  }
}

function isAny(value: unknown): value is Json {
  return value !== undefined
}

function isParams(value: unknown): value is EndedRun['params'] {
  return isRecord(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return isText(value) && words.includes(value)
}

function isEnds(value: unknown): value is EndedShard[] {
  return Array.isArray(value) && value.every(isEnd)
}

function isEnd(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { index, outcome, attempts, executor, items, error } = value
  const isKnown = isCount(index) && isOneOf(OUTCOMES, outcome) && isCount(attempts)
  const hasTexts = (executor === undefined || isText(executor)) && (items === undefined || isTexts(items))
  return isKnown && hasTexts && (error === undefined || isError(error))
}

function isError(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { code, message, name } = value
  return isText(code) && isText(message) && (name === undefined || isText(name))
}

function isLines(value: unknown): value is LogLine[] {
  return Array.isArray(value) && value.every(isLine)
}

function isLine(value: unknown): boolean {
  return isRecord(value) && isInstant(value['at']) && isOneOf(LEVELS, value['level']) && isText(value['message'])
}

function isInstant(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
}

function isOutput(value: unknown): value is NonNullable<EndedAttempt['output']> {
  return isRecord(value) && isTexts(value['nodes']) && isCount(value['lines'])
}

function isProgress(value: unknown): value is NonNullable<EndedAttempt['progress']> {
  if (!isRecord(value)) return false
  const { done, total, note } = value
  const hasTotal = total === undefined || typeof total === 'number'
  return typeof done === 'number' && hasTotal && (note === undefined || isText(note))
}
