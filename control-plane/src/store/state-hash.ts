import { createHash } from 'node:crypto'
import { decodeValue } from './codec.ts'
import { LIVE } from './keys.ts'
import { CorruptStore } from './storage-errors.ts'
import type { Store, StoreView } from './store.ts'

/** The hash of a whole state at one index: equal on all nodes whose states are. */
export interface StateHash {
  index: number
  term: number
  /** SHA-256, lower-case hex. */
  hash: string
  rows: number
}

/** Marks whose hash is kept. */
const HASHES_MAX = 16
/** Rows that are hashed before others have the event loop. */
const SLICE_ROWS = 200

/**
 * Hashes every key and value of the store, the ledger included, as memory has it at this very moment, durable or not:
 * right after an entry was applied, that is the state at its index. The moment is taken before this returns; the work is
 * done beside everything else. Values count by what they mean, not by the order in which their fields happen to be
 * written; what each node numbers for itself is left out.
 */
export function hashState(store: Pick<Store, 'presentView'>, pause: () => Promise<void>): Promise<StateHash> {
  return hashOf(store.presentView(), pause)
}

/** Hashes of the state at the marks in the log, the newest few. */
export class StateHashes {
  readonly #store: Pick<Store, 'presentView'>
  readonly #pause: () => Promise<void>
  readonly #hashes = new Map<number, Promise<StateHash>>()

  /** `pause` lets others have the event loop. */
  constructor(store: Pick<Store, 'presentView'>, pause: () => Promise<void>) {
    this.#store = store
    this.#pause = pause
  }

  /** To be called when a `hash-mark` was applied, before the next entry is. */
  mark(index: number): void {
    const hash = hashState(this.#store, this.#pause)
    // Whoever asks for it hears what went wrong.
    hash.catch(() => undefined)
    this.#hashes.set(index, hash)
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= HASHES_MAX) return
      this.#hashes.delete(oldest)
    }
  }

  /** The hash at a mark, when it is done; undefined for a mark that was not applied here, or is too old. */
  at(index: number): Promise<StateHash> | undefined {
    return this.#hashes.get(index)
  }
}

async function hashOf(view: StoreView, pause: () => Promise<void>): Promise<StateHash> {
  const hash = createHash('sha256')
  let rows = 0
  try {
    for await (const entries of view.entries()) {
      for (let from = 0; from < entries.length; from += SLICE_ROWS) {
        let text = ''
        for (const [key, bytes] of entries.slice(from, from + SLICE_ROWS)) text += rowText(key, bytes)
        hash.update(text)
        await pause()
      }
      rows += entries.length
    }
    const { index, term } = view.position
    return { index, term, hash: hash.digest('hex'), rows }
  } finally {
    await view.close()
  }
}

function rowText(key: string, bytes: Uint8Array): string {
  const decoded = decodeValue(key, bytes)
  if (!decoded) throw new CorruptStore('memory', `the value of ${key}`, undefined, 'its checksum does not match')
  const { value } = decoded
  if (key.startsWith(LIVE.idempotency.gte)) delete (value as { order?: number }).order
  return `${key} ${canonical(value)}\n`
}

/** A value as text that is the same for equal values: fields in order of their names, those that are `undefined` left out. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (value instanceof Uint8Array) return `"bytes ${Buffer.from(value).toString('base64')}"`
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  let text = '{'
  const fields = value as Record<string, unknown>
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name]
    if (field !== undefined) text += `${JSON.stringify(name)}:${canonical(field)},`
  }
  return `${text}}`
}
