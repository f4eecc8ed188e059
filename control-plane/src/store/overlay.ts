import type { RangeOptions } from './store.ts'

/** Encoded value, or null for a key that is removed. */
export type Encoded = Uint8Array | null

/** Writes that are not durable yet, by key; the last one of a key counts. */
export class Overlay {
  readonly writes = new Map<string, Encoded>()
  bytes = 0

  put(key: string, value: Encoded): void {
    this.writes.set(key, value)
    this.bytes += key.length + (value?.length ?? 0)
  }
}

/** What several overlays, oldest first, say about a range, in the order that was asked for. */
export function overlaid(overlays: readonly Overlay[], options: RangeOptions): [key: string, value: Encoded][] {
  const found = new Map<string, Encoded>()
  for (const overlay of overlays) {
    for (const [key, value] of overlay.writes) if (inRange(key, options)) found.set(key, value)
  }
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
