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

  /** Adds what lies in a range to `found`. */
  within(options: RangeOptions, found: Map<string, Encoded>): void {
    const [first, last] = [options.gte ?? options.gt ?? '', options.lt ?? options.lte]
    for (const [kind, writes] of this.#kinds) {
      if (kind < first.charAt(0) || (last !== undefined && kind > last.charAt(0))) continue
      for (const [key, value] of writes) if (inRange(key, options)) found.set(key, value)
    }
  }
}

/** What several overlays, oldest first, say about a range, in the order that was asked for. */
export function overlaid(overlays: readonly Overlay[], options: RangeOptions): [key: string, value: Encoded][] {
  const found = new Map<string, Encoded>()
  for (const overlay of overlays) overlay.within(options, found)
  const sorted = [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1))
  return options.reverse ? sorted.reverse() : sorted
}

function inRange(key: string, { gte, gt, lt, lte }: RangeOptions): boolean {
  return (
    (gte === undefined || key >= gte) &&
    (gt === undefined || key > gt) &&
    (lt === undefined || key < lt) &&
    (lte === undefined || key <= lte)
  )
}
