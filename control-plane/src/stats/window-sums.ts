import type { Millis } from '../runtime/clock.ts'
import { HOUR_MS, type HourCounters, hourOf } from '../state/counters.ts'
import type { State } from '../state/state.ts'
import { type Cell, cellsBetween } from './cells.ts'
import { addHour, addSum, emptySum, type Sum } from './sum.ts'

/** Windows that are kept added up; the one asked for longest ago gives way. */
export const WINDOWS_MAX = 12
/** Sums in all of them together, unless one alone has more: half a kilobyte each. */
export const SUMS_MAX = 300_000
/** An hour is taken for whole so long after its end: the store has its last counters then. */
const SETTLE_MS = 60_000

export interface WindowSumsDeps {
  state(): Pick<State, 'now' | 'countedTo' | 'counters'>
  /** What everybody counted in a cell. */
  eachCounted(cell: Cell, visit: (owner: number, counted: Sum | HourCounters) => void): Promise<void>
  oldestHour(): Promise<Millis | undefined>
}

/** Sums of all owners over a window. */
export interface WindowOfSums {
  of(owner: number): Sum | undefined
}

interface Window {
  from: Millis
  /** What lies before is in the sums. */
  upTo: Millis
  sums: Map<number, Sum>
  /** The last addition to it: one at a time. */
  ready: Promise<void>
}

/**
 * Sums by owner over windows of time, for comparing everybody with everybody. The first question about a window adds up
 * its days; from then on each adds the hours that have ended since, and the present hour out of memory.
 */
export class WindowSums {
  readonly #deps: WindowSumsDeps
  /** The one asked for longest ago first. */
  readonly #windows = new Map<string, Window>()

  constructor(deps: WindowSumsDeps) {
    this.#deps = deps
  }

  /** From the hour that `from` lies in to the one in which `to` does. */
  async over(from: Millis, to: Millis): Promise<WindowOfSums> {
    const { now, counters } = this.#deps.state()
    const hour = hourOf(now)
    const settled = now - hour >= SETTLE_MS ? hour : hour - HOUR_MS
    const end = Math.min(hourOf(to - 1) + HOUR_MS, hour + HOUR_MS)
    const first = hourOf(from)
    // Of windows that reach into the present there is one for each beginning.
    const key = end > settled ? `${first}-` : `${first}-${end}`
    const window = this.#windows.get(key) ?? { from: first, upTo: first, sums: new Map(), ready: Promise.resolve() }
    this.#keep(key, window)
    await this.#extend(key, window, Math.min(end, settled))
    this.#makeRoom(window)
    const rest = new Map<number, Sum>()
    for (let at = Math.max(window.upTo, first); at < Math.min(end, hour); at += HOUR_MS) {
      await this.#deps.eachCounted({ at, unit: 'hour' }, (owner, counted) => addTo(rest, owner, counted))
    }
    const present = end > hour && first <= hour ? counters : new Map<number, HourCounters>()
    return { of: (owner) => joined([window.sums.get(owner), rest.get(owner)], present.get(owner)) }
  }

  #keep(key: string, window: Window): void {
    this.#windows.delete(key)
    this.#windows.set(key, window)
    this.#makeRoom(window)
  }

  #makeRoom(latest: Window): void {
    let sums = 0
    for (const window of this.#windows.values()) sums += window.sums.size
    for (const [oldest, window] of this.#windows) {
      if ((this.#windows.size <= WINDOWS_MAX && sums <= SUMS_MAX) || window === latest) return
      this.#windows.delete(oldest)
      sums -= window.sums.size
    }
  }

  async #extend(key: string, window: Window, to: Millis): Promise<void> {
    const before = window.ready
    window.ready = before.then(() => this.#add(window, to))
    try {
      await window.ready
    } catch (error) {
      // What was added by half is begun anew.
      if (this.#windows.get(key) === window) this.#windows.delete(key)
      throw error
    }
  }

  async #add(window: Window, to: Millis): Promise<void> {
    if (to <= window.upTo) return
    const hoursFrom = (await this.#deps.oldestHour()) ?? Number.POSITIVE_INFINITY
    const { countedTo } = this.#deps.state()
    for (const cell of cellsBetween([window.upTo, to], { countedTo, hoursFrom })) {
      await this.#deps.eachCounted(cell, (owner, counted) => addTo(window.sums, owner, counted))
    }
    window.upTo = to
  }
}

function addTo(sums: Map<number, Sum>, owner: number, counted: Sum | HourCounters): void {
  let sum = sums.get(owner)
  if (!sum) sums.set(owner, (sum = emptySum()))
  if ('runs' in counted) addHour(sum, counted)
  else addSum(sum, counted)
}

function joined(sums: readonly (Sum | undefined)[], present: HourCounters | undefined): Sum | undefined {
  const [first, second] = sums.filter((sum) => sum !== undefined)
  if (!second && !present) return first
  const all = emptySum()
  if (first) addSum(all, first)
  if (second) addSum(all, second)
  return present ? addHour(all, present) : all
}
