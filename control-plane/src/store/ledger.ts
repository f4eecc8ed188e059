import {
  type Cause,
  type EndedAttempt,
  ENDED_STATES,
  type EndedRun,
  type EndedRunState,
  type EndedShard,
  type LateResult,
  type StretchRow,
} from '../runs/run.ts'
import type { DefinitionRow } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import type { HourCounters } from '../state/counters.ts'
import type { Cell } from '../stats/cells.ts'
import { addHour, emptySum, type Sum } from '../stats/sum.ts'
import { dayOf, eachOfDay, eachOfHour, oldestDay, oldestHour } from './day-rows.ts'
import { NARROW_MAX, wide } from './key-number.ts'
import {
  attemptKey,
  attemptKeyOf,
  attemptsPrefix,
  shardAttemptsPrefix,
  between,
  countersKey,
  definitionKey,
  definitionsPrefix,
  jobRunsPrefix,
  lateResultsPrefix,
  namespaceRunsPrefix,
  originRunsPrefix,
  runIndexKey,
  shardEndsPrefix,
  stretchesPrefix,
  under,
} from './keys.ts'
import { decodeCursor, encodeCursor } from './ledger-cursor.ts'
import { merged, type Placed } from './ledger-merge.ts'
import { wholeRun } from './run-rows.ts'
import type { Store } from './store.ts'

/** Rows that one page looks at, at most, when `causes` leaves most of them out; the page then ends early, with a `next`. */
export const SCANNED_ROWS_MAX = 10_000

/** Stretches that one query answers at most. */
export const STRETCHES_MAX = 1000

/** Keys that are looked up at the same time. */
const PARALLEL_GETS = 64

/** Which finished runs to list; of one job, or of a namespace. Ordered by fire time, then by place in the log. */
export interface RunsQuery {
  namespace: number
  job?: number | undefined
  /** Only what came of this: children of a run, its reruns, or the runs of a backfill. */
  origin?: { of: 'parent' | 'rerunOf' | 'backfill'; id: string } | undefined
  /** Absent or empty: all. */
  states?: readonly EndedRunState[] | undefined
  /** Absent or empty: all. */
  causes?: readonly Cause[] | undefined
  /** Fire time, included. */
  from?: Millis | undefined
  /** Fire time, excluded. */
  to?: Millis | undefined
  newestFirst: boolean
  limit: number
  /** What the page before gave as `next`; it goes with the same query only. */
  cursor?: string | undefined
}

/** Which finished runs, in whatever order. */
export type RunsFilter = Omit<RunsQuery, 'newestFirst' | 'limit' | 'cursor'>

export interface RunsPage {
  rows: EndedRun[]
  /** Where the next page begins; absent after the last row. */
  next?: string
}

export interface StretchesQuery {
  job: number
  from: Millis
  to: Millis
  newestFirst?: boolean
  limit?: number
}

export interface AttemptsQuery {
  shard?: number
  /** Those that stand behind this shard and ordinal. */
  after?: readonly [shard: number, ordinal: number]
  limit?: number
}

/** What ended: runs, attempts, stretches, late results and hourly counters, read from the store. */
export class Ledger {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** The finished run with this id, whole: lists leave out how the shards of a run of many ended. */
  async run(id: string): Promise<EndedRun | undefined> {
    const primary = await this.#store.get<string>(runIndexKey(id))
    const row = primary === undefined ? undefined : await this.#store.get<EndedRun>(primary)
    if (row?.endsApart === undefined) return row
    return wholeRun(row, (await this.#values<EndedShard[]>(under(shardEndsPrefix(id)))).flat())
  }

  /**
   * A page of finished runs. Reads ranges of matching rows only, whatever is asked for; `causes` alone has no index and
   * is filtered. Rows that arrive between two pages move nothing. A cursor of another query throws `invalid-cursor`.
   */
  async runs(query: RunsQuery): Promise<RunsPage> {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query)
    const isWanted = wantedBy(query)
    const found: Placed<IndexRow | EndedRun>[] = []
    let scanned = 0
    let last: string | undefined
    let more = false
    for await (const row of merged<IndexRow | EndedRun>(this.#store, rangesOf(query), query.newestFirst, after)) {
      if (found.length === query.limit || scanned === SCANNED_ROWS_MAX) {
        more = true
        break
      }
      scanned += 1
      last = row.place
      if (isWanted(row.value)) found.push(row)
    }
    const rows = (await this.#primaryRows(found)).filter((row) => isOf(row, query))
    return more && last !== undefined ? { rows, next: encodeCursor(last, query) } : { rows }
  }

  /** How many finished runs there are, up to `max`. */
  async count(filter: RunsFilter, max: number): Promise<number> {
    const wanted = wantedBy(filter)
    let found = 0
    for await (const { value } of merged<IndexRow | EndedRun>(this.#store, rangesOf(filter), false, undefined)) {
      if (wanted(value)) found += 1
      if (found === max) break
    }
    return found
  }

  /** Finished attempts of a run, or of one shard of it, by shard and ordinal. */
  async attempts(runId: string, { shard, after, limit }: AttemptsQuery = {}): Promise<EndedAttempt[]> {
    const range = under(shard === undefined ? attemptsPrefix(runId) : shardAttemptsPrefix(runId, shard))
    const beyond = after && `${attemptKey(runId, digits(after[0]), digits(after[1]))}0`
    if (beyond !== undefined && beyond > range.gte) range.gte = beyond
    return this.#values<EndedAttempt>({ ...range, ...(limit === undefined ? {} : { limit }) })
  }

  /** Definitions of a job, the newest first, those with an ordinal below `before`. */
  async definitions(job: number, limit: number, before?: number): Promise<DefinitionRow[]> {
    const lt = before === undefined ? under(definitionsPrefix(job)).lt : definitionKey(job, before)
    return this.#values({ gte: definitionsPrefix(job), lt, reverse: true, limit })
  }

  async attempt(id: string): Promise<EndedAttempt | undefined> {
    const key = attemptKeyOf(id)
    return key === undefined ? undefined : this.#store.get(key)
  }

  async lateResults(runId: string): Promise<LateResult[]> {
    return this.#values<LateResult>(under(lateResultsPrefix(runId)))
  }

  /** Closed stretches that touch [from, to), oldest first unless asked otherwise, `STRETCHES_MAX` at most. */
  async stretches(query: StretchesQuery): Promise<StretchRow[]> {
    const { job, from, to, newestFirst = false, limit = STRETCHES_MAX } = query
    if (to <= from) return []
    const before = await this.coveringStretch(job, from)
    const range = { ...between(stretchesPrefix(job), from, to), limit, reverse: newestFirst }
    const rest = await this.#values<StretchRow>(range)
    const overlap = before !== undefined && before.from < from ? [before] : []
    return (newestFirst ? [...rest, ...overlap] : [...overlap, ...rest]).slice(0, limit)
  }

  /** The closed stretch that covers an instant. The stretches of a job never overlap. */
  async coveringStretch(job: number, instant: Millis): Promise<StretchRow | undefined> {
    const upTo = { gte: under(stretchesPrefix(job)).gte, lt: `${stretchesPrefix(job)}${wide(instant)}0` }
    const [newest] = await this.#values<StretchRow>({ ...upTo, reverse: true, limit: 1 })
    return newest && newest.to >= instant ? newest : undefined
  }

  /** The finished run of the scheduled fire at exactly this instant. */
  async fireAt(job: number, instant: Millis): Promise<EndedRun | undefined> {
    const found = await Promise.all(
      ENDED_STATES.map((state) => this.#values<EndedRun>(between(jobRunsPrefix(job, state), instant, instant + 1))),
    )
    return found.flat().find((row) => row.cause === 'schedule' || row.cause === 'misfire')
  }

  /** What an owner counted in each of the cells; undefined where nothing. */
  async counted(owner: number, cells: readonly Cell[]): Promise<(Sum | undefined)[]> {
    const sums: (Sum | undefined)[] = []
    for (let from = 0; from < cells.length; from += PARALLEL_GETS) {
      const some = cells.slice(from, from + PARALLEL_GETS)
      for (const sum of await Promise.all(some.map((cell) => this.#countedIn(owner, cell)))) sums.push(sum)
    }
    return sums
  }

  /** What everybody counted in a cell. */
  eachCounted(cell: Cell, visit: (owner: number, counted: Sum | HourCounters) => void): Promise<void> {
    return (cell.unit === 'day' ? eachOfDay : eachOfHour)(this.#store, cell.at, visit)
  }

  /** The first hour of which there are counters by the hour. */
  oldestHour(): Promise<Millis | undefined> {
    return oldestHour(this.#store)
  }

  /** When the first day begins of which there are counters. */
  oldestDay(): Promise<Millis | undefined> {
    return oldestDay(this.#store)
  }

  async #primaryRows(found: Placed<IndexRow | EndedRun>[]): Promise<EndedRun[]> {
    const rows: (EndedRun | undefined)[] = []
    const keys: string[] = []
    const at: number[] = []
    for (const [index, { value, place, state }] of found.entries()) {
      if (!Array.isArray(value)) {
        rows[index] = value
        continue
      }
      keys.push(jobRunsPrefix(value[0], state) + place)
      at.push(index)
    }
    for (const [index, row] of (await this.#getAll<EndedRun>(keys)).entries()) rows[at[index] as number] = row
    return present(rows)
  }

  async #countedIn(owner: number, { at, unit }: Cell): Promise<Sum | undefined> {
    if (unit === 'day') return dayOf(this.#store, at, owner)
    const hour = await this.#store.get<HourCounters>(countersKey(at, owner))
    return hour && addHour(emptySum(), hour)
  }

  async #getAll<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    const values: (T | undefined)[] = []
    for (let from = 0; from < keys.length; from += PARALLEL_GETS) {
      const some = keys.slice(from, from + PARALLEL_GETS)
      for (const value of await Promise.all(some.map((key) => this.#store.get<T>(key)))) values.push(value)
    }
    return values
  }

  async #values<T>(options: Parameters<Store['range']>[0]): Promise<T[]> {
    const values: T[] = []
    for await (const [, value] of this.#store.range<T>(options)) values.push(value)
    return values
  }
}

/** What a namespace's index holds for a run. */
type IndexRow = [job: number, cause: Cause]

/** What the ranges of a query do not decide. */
function wantedBy({ causes, origin, job }: RunsFilter): (value: IndexRow | EndedRun) => boolean {
  const wanted = causes?.length ? new Set(causes) : undefined
  return (value) =>
    (!wanted || wanted.has(causeOf(value))) && (origin === undefined || job === undefined || jobOf(value) === job)
}

function rangesOf({ namespace, job, origin, states, from, to }: RunsFilter): Parameters<typeof merged>[1] {
  const wanted = states?.length ? ENDED_STATES.filter((state) => states.includes(state)) : ENDED_STATES
  return wanted.map((state) => {
    const prefix =
      origin !== undefined
        ? originRunsPrefix(origin.id, state)
        : job === undefined
          ? namespaceRunsPrefix(namespace, state)
          : jobRunsPrefix(job, state)
    return { state, prefix, ...between(prefix, from, to) }
  })
}

function causeOf(value: IndexRow | EndedRun): Cause {
  return Array.isArray(value) ? value[1] : value.cause
}

/** A run's children and its reruns stand in one range, and what came of it is of one namespace. */
function isOf(row: EndedRun, { namespace, origin }: RunsQuery): boolean {
  if (origin === undefined) return true
  const { of, id } = origin
  // A child that is done again keeps its parent, whose end did not start it.
  const from = of === 'parent' ? row.cause === 'child' && row.parent?.run : row[of]
  return from === id && row.namespace === namespace
}

function jobOf(value: IndexRow | EndedRun): number {
  return Array.isArray(value) ? value[0] : value.job
}

/** The nearest number that a key of an attempt can hold: the one of a cursor may be any. */
function digits(value: number): number {
  return Math.min(Math.max(0, Math.trunc(value)), NARROW_MAX)
}

function present<T>(values: (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}
