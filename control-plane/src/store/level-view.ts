import type { ClassicLevel } from 'classic-level'
import { assert } from '../runtime/assert.ts'
import { BATCH_RING, type BatchMark, batchKey } from './batch-ring.ts'
import { decodeValue } from './codec.ts'
import { MEMBERSHIP_KEY } from './keys.ts'
import type { Encoded } from './overlay.ts'
import { CorruptStore, StorageFailed } from './storage-errors.ts'
import type { StatePosition, StoreView } from './store.ts'

/** What a view needs of LevelDB. */
export type ViewedDatabase = Pick<ClassicLevel<string, Uint8Array>, 'get' | 'iterator' | 'snapshot'>
type Snapshot = ReturnType<ViewedDatabase['snapshot']>

/** Rows and bytes that one step of a view fetches at most. */
const STEP_ROWS = 4000
const STEP_BYTES = 512 * 1024

/** A LevelDB snapshot, with what memory held over it when it was taken. */
export class LevelView implements StoreView {
  readonly position: StatePosition
  readonly #database: ViewedDatabase
  readonly #folder: string
  readonly #snapshot: Snapshot
  /** Sorted by key. */
  readonly #memory: readonly (readonly [key: string, value: Encoded])[]
  #closing: Promise<void> | undefined

  constructor(options: {
    database: ViewedDatabase
    folder: string
    snapshot: Snapshot
    memory: readonly (readonly [key: string, value: Encoded])[]
    position: StatePosition
  }) {
    this.#database = options.database
    this.#folder = options.folder
    this.#snapshot = options.snapshot
    this.#memory = options.memory
    this.position = options.position
  }

  async get<T>(key: string): Promise<T | undefined> {
    const staged = this.#memory.find((entry) => entry[0] === key)
    const bytes = staged ? staged[1] : await this.#database.get(key, { snapshot: this.#snapshot })
    return bytes ? (valueIn(this.#folder, key, bytes) as T) : undefined
  }

  async *entries(): AsyncGenerator<readonly (readonly [key: string, value: Uint8Array])[]> {
    const { gte, lt } = BATCH_RING
    const after = this.#memory.findIndex(([key]) => key >= lt)
    const split = after === -1 ? this.#memory.length : after
    yield* this.#range({ lt: gte }, this.#memory.slice(0, split))
    yield* this.#range({ gte: lt }, this.#memory.slice(split))
  }

  close(): Promise<void> {
    this.#closing ??= this.#snapshot.close()
    return this.#closing
  }

  async *#range(
    bounds: { gte?: string; lt?: string },
    memory: readonly (readonly [key: string, value: Encoded])[],
  ): AsyncGenerator<readonly (readonly [key: string, value: Uint8Array])[]> {
    assert(!this.#closing, 'a view is read before it is closed')
    const iterator = this.#database.iterator({ ...bounds, snapshot: this.#snapshot, highWaterMarkBytes: STEP_BYTES })
    let next = 0
    try {
      for (;;) {
        const rows = await iterator.nextv(STEP_ROWS)
        if (rows.length === 0) break
        if (next === memory.length) {
          yield rows
          continue
        }
        const merged: (readonly [string, Uint8Array])[] = []
        for (const row of rows) {
          for (let staged = memory[next]; staged && staged[0] < row[0]; staged = memory[++next])
            if (staged[1]) merged.push([staged[0], staged[1]])
          const hidden = memory[next]?.[0] === row[0]
          const value = hidden ? memory[next++]?.[1] : row[1]
          if (value) merged.push([row[0], value])
        }
        yield merged
      }
      const rest: (readonly [string, Uint8Array])[] = []
      for (const [key, value] of memory.slice(next)) if (value) rest.push([key, value])
      if (rest.length > 0) yield rest
    } catch (cause) {
      throw cause instanceof CorruptStore ? cause : new StorageFailed(this.#folder, 'reading a snapshot of it', cause)
    } finally {
      await iterator.close()
    }
  }
}

/**
 * The place that a snapshot reflects. It was taken while at most one batch was being written: its mark is that of `batch`
 * or of the next one.
 */
export async function positionIn(
  database: ViewedDatabase,
  folder: string,
  snapshot: Snapshot,
  batch: number,
): Promise<StatePosition> {
  let newest: BatchMark | undefined
  for (const number of [batch, batch + 1]) {
    const key = batchKey(number)
    const bytes = await database.get(key, { snapshot })
    const mark = bytes && (valueIn(folder, key, bytes) as BatchMark)
    if (mark?.batch === number) newest = mark
  }
  const membership = await database.get(MEMBERSHIP_KEY, { snapshot })
  return {
    index: newest?.index ?? 0,
    term: newest?.term ?? 0,
    ...(membership
      ? { membership: valueIn(folder, MEMBERSHIP_KEY, membership) as StatePosition['membership'] & {} }
      : {}),
  }
}

function valueIn(folder: string, key: string, bytes: Uint8Array): unknown {
  const decoded = decodeValue(key, bytes)
  if (!decoded) throw new CorruptStore(folder, `the value of ${key}`, undefined, 'its checksum does not match')
  return decoded.value
}
