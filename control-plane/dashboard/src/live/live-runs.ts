import type { Run, RunState } from '@cronclave/openapi'

/** Runs kept for the feed. */
export const FEED_RUNS_MAX = 300
/** Runs held between two pictures: a page in the background draws none for a minute, while events go on. */
const HELD_RUNS_MAX = 4 * FEED_RUNS_MAX
/** How far back the live chart goes, and how wide one of its bars is. */
export const LIVE_SPAN_MS = 10 * 60_000
export const LIVE_STEP_MS = 10_000

export type EndedState = Exclude<RunState, 'queued' | 'running'>
export const ENDED_STATES: readonly EndedState[] = ['succeeded', 'skipped', 'cancelled', 'timed-out', 'lost', 'failed']
export type Counts = Record<EndedState, number>

export interface Bucket {
  at: number
  counts: Counts
}

/** What the page knows of recent runs. A new object for each change. */
export interface LiveSnapshot {
  /** Newest start first. */
  runs: readonly Run[]
  /** Ended runs by ten seconds, oldest first; only buckets in which something ended. */
  buckets: readonly Bucket[]
  /** Lateness of the started runs among `runs`. */
  latenessMs: readonly number[]
  /** Nothing that ended since this moment is missing from the buckets. */
  completeSince: number
}

export const NOTHING: LiveSnapshot = { runs: [], buckets: [], latenessMs: [], completeSince: Number.POSITIVE_INFINITY }

/** Keeps recent runs from a first list and from events, in whatever order these arrive. */
export class LiveRuns {
  readonly #runs = new Map<string, Run>()
  readonly #buckets = new Map<number, Counts>()
  #completeSince = Number.POSITIVE_INFINITY

  /** Begins anew from a list of the newest runs; `whole` when there are no older ones. */
  seed(runs: readonly Run[], whole: boolean): void {
    this.#buckets.clear()
    for (const run of this.#runs.values()) if (endedAt(run) !== undefined) this.#count(run)
    for (const run of runs) this.add(run)
    const ends = runs.map(endedAt).filter((at) => at !== undefined)
    this.#completeSince = whole || ends.length === 0 ? 0 : Math.min(...ends)
  }

  /** Takes a run as it now is; an older state of one that is known changes nothing. */
  add(run: Run): void {
    const known = this.#runs.get(run.id)
    if (known !== undefined && rank(known) >= rank(run) && rank(known) === 2) return
    if (known !== undefined && rank(known) > rank(run)) return
    this.#runs.set(run.id, run)
    if (rank(run) === 2) this.#count(run)
    if (this.#runs.size > HELD_RUNS_MAX) this.#newest()
  }

  /** The present picture; forgets what lies outside the feed and the chart. */
  snapshot(now: number): LiveSnapshot {
    const runs = this.#newest()
    for (const at of this.#buckets.keys()) if (at < now - LIVE_SPAN_MS - LIVE_STEP_MS) this.#buckets.delete(at)
    const buckets = [...this.#buckets].map(([at, counts]) => ({ at, counts })).sort((a, b) => a.at - b.at)
    const latenessMs = runs.map((run) => run.latenessMs).filter((ms) => ms !== undefined)
    return { runs, buckets, latenessMs, completeSince: this.#completeSince }
  }

  /** Those for the feed, the newest start first; the others are forgotten. */
  #newest(): Run[] {
    const runs = [...this.#runs.values()].sort((a, b) => moment(b) - moment(a))
    for (const run of runs.splice(FEED_RUNS_MAX)) this.#runs.delete(run.id)
    return runs
  }

  #count(run: Run): void {
    const at = endedAt(run)
    if (at === undefined) return
    const start = Math.floor(at / LIVE_STEP_MS) * LIVE_STEP_MS
    const counts = this.#buckets.get(start) ?? noCounts()
    counts[run.state as EndedState] += 1
    this.#buckets.set(start, counts)
  }
}

export function noCounts(): Counts {
  return { succeeded: 0, skipped: 0, cancelled: 0, 'timed-out': 0, lost: 0, failed: 0 }
}

/** How far a run has come: a later event never takes it back. */
function rank(run: Run): number {
  if (run.state === 'queued') return 0
  return run.state === 'running' ? 1 : 2
}

function endedAt(run: Run): number | undefined {
  return rank(run) === 2 ? Date.parse(run.endedAt ?? run.createdAt) : undefined
}

/** Where it stands in the feed: its start, so that rows do not jump when they end. */
function moment(run: Run): number {
  return Date.parse(run.startedAt ?? run.endedAt ?? run.createdAt)
}
