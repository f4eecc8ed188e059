import type { LateResult } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { LedgerTrim } from '../state/commands.ts'
import { WIDE_DIGITS, wide } from './key-number.ts'
import { countersBefore, ownerOfCounters, runIndexKey, under } from './keys.ts'
import type { Store } from './store.ts'

/** Late results, and counters, that one step looks at. */
const STEP_MAX = 256
/** A late result is left alone for so long after it came, in milliseconds. */
const LATE_REST_MS = 3_600_000

/** A job that has rows in the ledger, whether there still is one or not. */
export interface JobOfRows {
  job: number
  namespace: number
}

/**
 * Jobs that have rows of runs, or of stretches, in the order of their uids; a look per job, however many rows it has. Of
 * known ones that follow each other without a gap only the first is looked for.
 */
export async function* jobsOfRows(
  store: Pick<Store, 'range'>,
  rows: 'R/' | 'S/',
  isKnown: (job: number) => boolean,
): AsyncGenerator<JobOfRows> {
  const { lt } = under(rows)
  for (let gte: string = rows; ; ) {
    let found: JobOfRows | undefined
    for await (const [key, { namespace }] of store.range<{ namespace: number }>({ gte, lt, limit: 1 })) {
      found = { job: Number.parseInt(key.slice(rows.length, rows.length + WIDE_DIGITS), 36), namespace }
    }
    if (!found) return
    yield found
    let next = found.job + 1
    while (isKnown(next)) next += 1
    gte = rows + wide(next)
  }
}

/**
 * Late results of runs that have gone, a step at a time. `stays`, which is asked of every one: its run is open, or a sink
 * waits for it.
 */
export async function* orphanedResults(
  store: Pick<Store, 'range' | 'get'>,
  stays: (row: LateResult) => boolean,
  now: () => Millis,
): AsyncGenerator<NonNullable<LedgerTrim['late']>> {
  let bounds: { gte?: string; gt?: string; lt: string } = under('L/')
  for (;;) {
    const gone: NonNullable<LedgerTrim['late']> = []
    let last: string | undefined
    for await (const [key, row] of store.range<LateResult>({ ...bounds, limit: STEP_MAX })) {
      const { run, sequence, at } = row
      last = key
      // In this order: a run that is not open any more has its row.
      if (stays(row) || at > now() - LATE_REST_MS) continue
      if ((await store.get(runIndexKey(run))) === undefined) gone.push({ run, sequence })
    }
    yield gone
    if (last === undefined) return
    bounds = { gt: last, lt: bounds.lt }
  }
}

/** Counters of hours that began before an instant, oldest first, a step at a time; each step to be removed before the next. */
export async function* oldCounters(
  store: Pick<Store, 'range'>,
  before: Millis,
): AsyncGenerator<NonNullable<LedgerTrim['counters']>> {
  for (;;) {
    const old: NonNullable<LedgerTrim['counters']> = []
    for await (const [key] of store.range({ ...countersBefore(before), limit: STEP_MAX }))
      old.push(ownerOfCounters(key))
    if (old.length > 0) yield old
    if (old.length < STEP_MAX) return
  }
}
