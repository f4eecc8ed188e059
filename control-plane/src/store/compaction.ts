import type { ClassicLevel } from 'classic-level'
import type { Clock } from '../runtime/clock.ts'

/** What compacting needs of LevelDB. */
export type Compactable = Pick<ClassicLevel<string, Uint8Array>, 'compactRange' | 'approximateSize'>

/** Keys of a kind that have gone before the room that they took is given back. */
const REMOVED_MIN = 20_000
/** Bytes, as LevelDB thinks, that are rewritten at a time: what is under way cannot be ended, and closing waits for it. */
const SLICE_BYTES_MAX = 16 * 1024 * 1024
/** How often a range is halved at most to make slices of it. */
const HALVINGS_MAX = 24
/** Between slices, in milliseconds, and at least so many times what the one before took: others want the disk too. */
const PAUSE_MS = 1000
const PAUSE_SHARE = 4

interface Removed {
  count: number
  first: string
  last: string
}

/**
 * Gives back the room of rows that were removed: LevelDB by itself keeps them until it comes to rewrite the tables that
 * they stand in, which is late where what is new has higher keys. Slice by slice and in the background.
 */
export class Compaction {
  readonly #database: Compactable
  readonly #clock: Clock
  /** By the first character of the key. */
  readonly #removed = new Map<string, Removed>()
  #working: Promise<void> | undefined
  #stopped = false
  #cancelPause: () => void = () => undefined
  /** Slices that were rewritten, and what that took. */
  readonly figures = { slices: 0, ms: 0, msMax: 0 }

  constructor(database: Compactable, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** A key was removed. What is rewritten as it changes, whose names are lower case, gives back its room by itself. */
  removed(key: string): void {
    const kind = key.charAt(0)
    if (kind > 'Z') return
    const known = this.#removed.get(kind)
    if (!known) {
      this.#removed.set(kind, { count: 1, first: key, last: key })
      return
    }
    known.count += 1
    if (key < known.first) known.first = key
    if (key > known.last) known.last = key
  }

  /** What was removed is durable. */
  written(): void {
    if (this.#working || this.#stopped) return
    for (const [kind, { count, first, last }] of this.#removed) {
      if (count < REMOVED_MIN) continue
      this.#removed.delete(kind)
      this.#working = this.#compact(first, last).finally(() => {
        this.#working = undefined
        this.written()
      })
      return
    }
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelPause()
    await this.#working
  }

  /** What cannot be compacted now is compacted some time. */
  async #compact(first: string, last: string): Promise<void> {
    try {
      for await (const [from, to] of this.#slices(first, last, HALVINGS_MAX)) {
        const began = this.#clock.monotonic()
        await this.#database.compactRange(from, to)
        const ms = this.#clock.monotonic() - began
        this.figures.slices += 1
        this.figures.ms += ms
        this.figures.msMax = Math.max(this.figures.msMax, ms)
        await this.#pause(Math.max(PAUSE_MS, ms * PAUSE_SHARE))
      }
    } catch {
      // The database is closing, or fails, which whoever writes next is told.
    }
  }

  async *#slices(first: string, last: string, halvings: number): AsyncGenerator<[string, string]> {
    if (this.#stopped) return
    const middle = middleOf(first, last)
    const isSmall = halvings === 0 || middle === undefined
    if (isSmall || (await this.#database.approximateSize(first, last)) <= SLICE_BYTES_MAX) {
      yield [first, last]
      return
    }
    yield* this.#slices(first, middle, halvings - 1)
    yield* this.#slices(middle, last, halvings - 1)
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve)
      this.#cancelPause = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** Characters behind what two keys have in common that the middle between them is made of, and how many there are. */
const MIDDLE_LENGTH = 6
const CHARACTERS = 128

/** A key between two others, which are ASCII; undefined when none of that length is. */
export function middleOf(first: string, last: string): string | undefined {
  let common = 0
  while (common < first.length && first[common] === last[common]) common += 1
  const [low, high] = [numberOf(first, common), numberOf(last, common)]
  const middle = Math.floor((low + high) / 2)
  if (middle <= low) return undefined
  let text = ''
  for (let rest = middle, at = 0; at < MIDDLE_LENGTH; at++, rest = Math.floor(rest / CHARACTERS)) {
    text = String.fromCharCode(rest % CHARACTERS) + text
  }
  return first.slice(0, common) + text
}

function numberOf(key: string, from: number): number {
  let number = 0
  for (let at = from; at < from + MIDDLE_LENGTH; at++) {
    number = number * CHARACTERS + (at < key.length ? key.charCodeAt(at) : 0)
  }
  return number
}
