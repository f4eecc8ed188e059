import { lackOf } from '../logs/never-given.ts'
import type { SinkReader } from '../logs/sink-reader.ts'
import type { SinkAnswer } from '../logs/sinks-port.ts'
import { Problem } from '../problems.ts'
import type { EndedRun, OpenRun } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { findSink } from '../state/sinks.ts'
import type { AttemptsQuery, Ledger, RunsPage, RunsQuery } from '../store/ledger.ts'
import { decodeCursor, encodeCursor } from '../store/ledger-cursor.ts'
import { placeOf } from '../store/keys.ts'
import type { ApiContext } from './context.ts'
import { namespaceNamed } from './lookup.ts'

/** What tells of a run that has ended. */
export type RunRows = Pick<Ledger, 'attempt' | 'attempts' | 'lateResults'>

/** Where rows come from. */
export type RunSource = 'ledger' | `sink:${string}`

/** Finished runs, where they were read, and what of them could not be. */
export interface FoundRuns extends RunsPage {
  source: RunSource
  incomplete?: string
}

/** A run, where it was read, and what tells of its attempts. */
export interface FoundRun {
  run: OpenRun | EndedRun
  source: RunSource
  rows: RunRows
}

/**
 * The run of this id: open, in the ledger, or in the first sink that is well. A Problem when there is none, or when the
 * ledger has none and no sink answers.
 */
export async function runAnywhere(context: ApiContext, namespace: string, id: string): Promise<FoundRun> {
  const { uid } = namespaceNamed(context.state(), namespace)
  const { ledger, sinks, state } = context
  const kept = state().runs.get(id) ?? (await ledger.run(id))
  if (kept) {
    if (kept.namespace !== uid) throw notFound(id)
    return { run: kept, source: 'ledger', rows: ledger }
  }
  if (state().sinks.size === 0) throw notFound(id)
  const found = await sinks.read(
    (reader) => reader.run(id),
    (run) => run !== undefined,
  )
  if (found.sink === undefined) {
    if (found.failed.length === 0) throw notFound(id)
    throw new Problem('run-not-found', `the ledger has no run ${id}, and ${reasonsOf(found)}`)
  }
  if (found.value?.namespace !== uid) throw notFound(id)
  return { run: found.value, source: `sink:${found.sink}`, rows: rowsOfSinks(context, found.value) }
}

/**
 * A page of finished runs. What the ledger has let go is read from a sink and put between what it has: in its order, and
 * each once. Without a sink that answers the page has what the ledger has; it says so, and what the sink may lack.
 */
export async function findRuns(context: ApiContext, query: RunsQuery): Promise<FoundRuns> {
  const kept = await context.ledger.runs(query)
  if (context.state().sinks.size === 0 || !reachesBeyond(kept, query, goneUpTo(context, query))) {
    return { ...kept, source: 'ledger' }
  }
  const found = await context.sinks.read((reader) => reader.runs(query))
  if (found.sink === undefined) {
    return { ...kept, source: 'ledger', ...(found.failed.length === 0 ? {} : { incomplete: reasonsOf(found) }) }
  }
  const { rows, next } = mergePages(kept, found.value, query)
  const own = new Set(kept.rows.map(({ id }) => id))
  const source = rows.every(({ id }) => own.has(id)) ? 'ledger' : (`sink:${found.sink}` as const)
  const teller = findSink(context.state(), found.sink)
  const incomplete = teller && lackOf(context.state().sinks.values(), teller, query.from)
  return { rows, ...(next === undefined ? {} : { next }), source, ...(incomplete === undefined ? {} : { incomplete }) }
}

/** Rows of two pages of the same list, in its order, each once; as far as both pages tell, and no more than are asked for. */
export function mergePages(one: RunsPage, other: RunsPage, query: RunsQuery): RunsPage {
  const isBefore = (a: string, b: string) => (query.newestFirst ? a > b : a < b)
  const byPlace = new Map([...other.rows, ...one.rows].map((row) => [placeOf(row), row]))
  const inOrder = [...byPlace.keys()].sort((a, b) => (isBefore(a, b) ? -1 : 1))
  // Behind the place where a page ends that has a next one, nothing is known of its rows.
  const ends = [one.next, other.next].flatMap((next) => (next === undefined ? [] : [decodeCursor(next, query)]))
  const end = ends.sort((a, b) => (isBefore(a, b) ? -1 : 1))[0]
  const told = end === undefined ? inOrder : inOrder.filter((at) => !isBefore(end, at))
  const places = told.slice(0, query.limit)
  const rows = places.flatMap((at) => byPlace.get(at) ?? [])
  if (told.length > places.length) return { rows, next: encodeCursor(places.at(-1) ?? '', query) }
  return end === undefined ? { rows } : { rows, next: encodeCursor(end, query) }
}

/** Fire time up to which rows of the list have left the ledger; undefined when none has. */
function goneUpTo({ state }: ApiContext, { job, namespace }: RunsQuery): Millis | undefined {
  const of = job === undefined ? undefined : state().jobs.get(job)
  return of ? of.progress.ledger?.goneUpTo : state().namespaces.get(namespace)?.goneUpTo
}

function reachesBeyond({ rows, next }: RunsPage, query: RunsQuery, gone: Millis | undefined): boolean {
  if (gone === undefined || (query.from ?? 0) > gone) return false
  if (!query.newestFirst || next === undefined) return true
  const last = rows.at(-1)
  return last === undefined || last.fireTime <= gone
}

/** What sinks have of a run: each call may be answered by another, so one that has none of its attempts does not suffice. */
function rowsOfSinks({ sinks }: ApiContext, run: EndedRun): RunRows {
  const ask = async <T>(
    question: (reader: SinkReader) => Promise<T>,
    suffices: (value: T) => boolean = () => true,
  ): Promise<T> => {
    const found = await sinks.read(question, suffices)
    if (found.sink === undefined) throw new Problem('run-not-found', reasonsOf(found))
    return found.value
  }
  const attempts = (query?: AttemptsQuery) =>
    ask(
      (reader) => reader.attempts(run.id, query),
      (found) => found.length > 0 || run.attempts === 0,
    )
  return {
    attempts: (_, query) => attempts(query),
    lateResults: () => ask((reader) => reader.lateResults(run.id)),
    attempt: async (id) => (await attempts()).find((attempt) => attempt.id === id),
  }
}

function reasonsOf({ failed }: Extract<SinkAnswer<unknown>, { sink?: never }>): string {
  if (failed.length === 0) return 'no sink can be asked'
  return failed.map(({ sink, why }) => `sink ${sink} does not answer: ${why}`).join('; ')
}

function notFound(id: string): Problem {
  return new Problem('run-not-found', `there is no run ${id}`)
}
