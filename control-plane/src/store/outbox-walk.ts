import { indexOfOutboxKey, type OutboxEntry, outboxKey, outboxRows } from './outbox-rows.ts'
import type { Store } from './store.ts'

/** Entries that one step looks at. */
const STEP_ENTRIES = 256
/** Rows that are looked up together. */
const ROWS_TOGETHER = 256

export interface OutboxStep {
  /** Indexes of entries none of whose rows is there any more. */
  gone: number[]
  looked: number
  /** Where the next step begins; absent after the last one. */
  next?: number
}

/** Looks at some entries of the outbox from an index on, up to another. Most are known by their first row. */
export async function goneEntries(
  store: Pick<Store, 'range' | 'getMany'>,
  from: number,
  before: number,
): Promise<OutboxStep> {
  const entries: { index: number; keys: string[] }[] = []
  const range = { gte: outboxKey(from), lt: outboxKey(Math.max(from, before)), limit: STEP_ENTRIES }
  for await (const [key, entry] of store.range<OutboxEntry>(range)) {
    const index = indexOfOutboxKey(key)
    entries.push({ index, keys: outboxRows(index, entry).map((row) => row.key) })
  }
  const first = await store.getMany(entries.map(({ keys }) => keys[0] as string))
  const gone: number[] = []
  for (const [at, { index, keys }] of entries.entries()) {
    if (first[at] === undefined && (await noneOf(store, keys.slice(1)))) gone.push(index)
  }
  const last = entries.at(-1)
  return {
    gone,
    looked: entries.length,
    ...(last && entries.length === STEP_ENTRIES ? { next: last.index + 1 } : {}),
  }
}

async function noneOf(store: Pick<Store, 'getMany'>, keys: readonly string[]): Promise<boolean> {
  for (let from = 0; from < keys.length; from += ROWS_TOGETHER) {
    const values = await store.getMany(keys.slice(from, from + ROWS_TOGETHER))
    if (values.some((value) => value !== undefined)) return false
  }
  return true
}
