import type { RangeOptions } from './store.ts'

/** Encoded value, or null for a key that is removed. */
export type Encoded = Uint8Array | null

/** Writes that are not durable yet, by key; the last one of a key counts. */
export class Overlay {
  /** By the first character of the key, its kind: a range is of one kind nearly always. */
  readonly #kinds = new Map<string, Map<string, Encoded>>()
  bytes = 0

  /** Keys written. */
  get size(): number {
    let size = 0
    for (const writes of this.#kinds.values()) size += writes.size
    return size
  }

  get(key: string): Encoded | undefined {
    return this.#kinds.get(key.charAt(0))?.get(key)
  }

  put(key: string, value: Encoded): void {
    const kind = key.charAt(0)
    const writes = this.#kinds.get(kind)
    if (writes) writes.set(key, value)
    else this.#kinds.set(kind, new Map([[key, value]]))
    this.bytes += key.length + (value?.length ?? 0)
  }

  /** All of them, each kind by itself. */
  kinds(): Iterable<ReadonlyMap<string, Encoded>> {
    return this.#kinds.values()
  }

  /** Shows each write that lies in a range, in no particular order. */
  within(options: RangeOptions, show: (key: string, value: Encoded) => void): void {
    const [first, last] = [options.gte ?? options.gt ?? '', options.lt ?? options.lte]
    for (const [kind, writes] of this.#kinds) {
      if (kind < first.charAt(0) || (last !== undefined && kind > last.charAt(0))) continue
      // Not as pairs: a range looks at thousands.
      writes.forEach((value, key) => {
        if (inRange(key, options)) show(key, value)
      })
    }
  }
}

/** A list of no more than so many rows does not sort what comes behind them. */
const SHORT_LIST_MAX = 256

/**
 * What several overlays, oldest first, say about a range, in the order that was asked for: at least as far as `limit`
 * rows take.
 */
export function overlaid(overlays: readonly Overlay[], options: RangeOptions): [key: string, value: Encoded][] {
  const { limit = Number.POSITIVE_INFINITY, reverse = false } = options
  const bound = limit <= SHORT_LIST_MAX ? lastOf(overlays, options, limit) : undefined
  const found = new Map<string, Encoded>()
  for (const overlay of overlays) {
    overlay.within(options, (key, value) => {
      if (bound === undefined || (reverse ? key >= bound : key <= bound)) found.set(key, value)
    })
  }
  const sorted = [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1))
  return reverse ? sorted.reverse() : sorted
}

/** The key of the last row that a list of `limit` rows can have; undefined when the overlays have fewer. */
function lastOf(overlays: readonly Overlay[], options: RangeOptions, limit: number): string | undefined {
  const { reverse = false } = options
  const rows: string[] = []
  for (const [at, overlay] of overlays.entries()) {
    const newer = overlays.slice(at + 1)
    overlay.within(options, (key, value) => {
      const last = rows.length < limit ? undefined : rows[limit - 1]
      if (value === null || (last !== undefined && (reverse ? key <= last : key >= last))) return
      if (newer.some((one) => one.get(key) !== undefined)) return
      let place = rows.length
      while (place > 0 && (reverse ? key > (rows[place - 1] as string) : key < (rows[place - 1] as string))) place--
      rows.splice(place, 0, key)
      if (rows.length > limit) rows.pop()
    })
  }
  return rows.length < limit ? undefined : rows[limit - 1]
}

function inRange(key: string, { gte, gt, lt, lte }: RangeOptions): boolean {
  return (
    (gte === undefined || key >= gte) &&
    (gt === undefined || key > gt) &&
    (lt === undefined || key < lt) &&
    (lte === undefined || key <= lte)
  )
}
