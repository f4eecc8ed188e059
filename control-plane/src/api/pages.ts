import { setImmediate as breathe } from 'node:timers/promises'
import { decodeCursor, encodeCursor } from './cursor.ts'

/** Items on a page when the caller asks for no number. */
export const PAGE = 50
/** Items looked at before others get a turn. */
const SCAN_STEP = 5_000

/** How a list is ordered: one key per item, no two the same. */
export interface Order<T> {
  /** Names the list and its order in cursors. */
  name: string
  key(item: T): readonly [string | number, string | number]
  descending?: boolean
}

export interface PageRequest {
  limit?: number | undefined
  cursor?: string | undefined
}

export interface Page<T> {
  items: T[]
  nextCursor?: string
}

/**
 * The page of those items that match, in order. Looks at every item once and keeps only the page, so it costs the same
 * on the last page as on the first, and lets others run in between.
 */
export async function pageOf<T>(
  all: Iterable<T>,
  matches: (item: T) => boolean,
  order: Order<T>,
  { limit = PAGE, cursor }: PageRequest,
): Promise<Page<T>> {
  const start = cursor === undefined ? undefined : cursorKey(order.name, cursor)
  const sign = order.descending ? -1 : 1
  const best: { key: Key; item: T }[] = []
  let looked = 0
  for (const item of all) {
    if (++looked % SCAN_STEP === 0) await breathe()
    if (!matches(item)) continue
    const key = order.key(item)
    if (start && sign * compare(key, start) <= 0) continue
    const last = best[limit]
    if (last && sign * compare(key, last.key) >= 0) continue
    best.splice(placeOf(best, key, sign), 0, { key, item })
    if (best.length > limit + 1) best.pop()
  }
  const page = best.slice(0, limit)
  const end = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    ...(best.length > limit && end ? { nextCursor: encodeCursor(order.name, end.key) } : {}),
  }
}

/**
 * The page of those that match out of items that are in order already: stops when the page is full. `from` gives them
 * from a key on, that one included, and is asked again after others had their turn.
 */
export async function pageInOrder<T>(
  from: (key: string) => Iterable<T>,
  matches: (item: T) => boolean,
  order: Order<T>,
  { limit = PAGE, cursor }: PageRequest,
): Promise<Page<T>> {
  const items: T[] = []
  let last = cursor === undefined ? undefined : String(cursorKey(order.name, cursor)[0])
  for (;;) {
    let looked = 0
    for (const item of from(last ?? '')) {
      const key = String(order.key(item)[0])
      if (key === last) continue
      if (looked++ === SCAN_STEP) break
      last = key
      if (!matches(item)) continue
      const end = items.at(-1)
      if (items.length === limit && end) return { items, nextCursor: encodeCursor(order.name, order.key(end)) }
      items.push(item)
    }
    if (looked <= SCAN_STEP) return { items }
    await breathe()
  }
}

/** Visits every item, and lets others run in between. */
export async function each<T>(all: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let looked = 0
  for (const item of all) {
    if (++looked % SCAN_STEP === 0) await breathe()
    visit(item)
  }
}

type Key = readonly [string | number, string | number]

function cursorKey(name: string, cursor: string): Key {
  const kind = /:(\w)(\w)$/.exec(name)
  const [first = '', second = ''] = decodeCursor(name, cursor, [kindOf(kind?.[1]), kindOf(kind?.[2])])
  return [first, second]
}

function kindOf(letter: string | undefined): 'string' | 'number' {
  return letter === 'n' ? 'number' : 'string'
}

function placeOf(best: readonly { key: Key }[], key: Key, sign: number): number {
  let low = 0
  let high = best.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sign * compare(best[middle]?.key ?? key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function compare(a: Key, b: Key): number {
  return compareOne(a[0], b[0]) || compareOne(a[1], b[1])
}

function compareOne(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
