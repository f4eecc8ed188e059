import { rm } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import type { LogLine } from '../runs/run.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { decodeValue, encodeValue } from '../store/codec.ts'
import { narrow, wide } from '../store/key-number.ts'
import { under } from '../store/keys.ts'
import { crc32c } from '../store/crc32c.ts'

/** Lines of an attempt that came together. */
export interface OutputPart {
  namespace: number
  run: string
  shard: number
  ordinal: number
  lines: LogLine[]
  /** How many lines came before these, if the executor says so. */
  from?: number
}

/** The same, as they are read. */
export interface OutputLines {
  key: string
  lines: LogLine[]
  from?: number
}

export interface OutputStoreDeps {
  folder: string
  clock: Clock
  logger: Pick<Logger, 'warn'>
  /** Bytes that the lines of one namespace may take on this node; beyond it the oldest go. */
  namespaceBytesMax: number
}

interface Kept {
  namespace: number
  /** When it was written here. */
  at: number
  lines: LogLine[]
  from?: number
}

const CACHE_BYTES = 4 * 1024 * 1024
const WRITE_BUFFER_BYTES = 4 * 1024 * 1024

/**
 * Lines that handlers logged, in a database of their own beside the state. It is no part of what nodes agree on: it is
 * not synced, a copy lies elsewhere, and one that cannot be opened is begun anew.
 *
 * | key                                                              | value                   |
 * | ---------------------------------------------------------------- | ----------------------- |
 * | `O/<run>/<shard n4>/<ordinal n4>/<time of the first line>/<sum>` | some lines, their place |
 * | `T/<namespace n10>/<time of writing n10>/<key of the lines>`     | their bytes             |
 */
export class OutputStore {
  readonly #database: ClassicLevel<string, Uint8Array>
  readonly #deps: OutputStoreDeps
  /** Bytes by namespace. */
  readonly #bytes = new Map<number, number>()

  static async open(deps: OutputStoreDeps): Promise<OutputStore> {
    const { folder, logger } = deps
    try {
      return await OutputStore.#begin(deps)
    } catch (error) {
      logger.warn({ error: String(error), folder }, 'the lines of earlier runs cannot be read, and are dropped')
      await rm(folder, { recursive: true, force: true })
      return OutputStore.#begin(deps)
    }
  }

  static async #begin(deps: OutputStoreDeps): Promise<OutputStore> {
    const database = new ClassicLevel<string, Uint8Array>(deps.folder, {
      keyEncoding: 'utf8',
      valueEncoding: 'buffer',
      cacheSize: CACHE_BYTES,
      writeBufferSize: WRITE_BUFFER_BYTES,
    })
    await database.open()
    const store = new OutputStore(database, deps)
    try {
      for await (const [key, value] of database.iterator(under('T/'))) {
        store.#count(namespaceOf(key), Number(decodeValue(key, value)?.value ?? 0))
      }
      return store
    } catch (error) {
      await database.close()
      throw error
    }
  }

  private constructor(database: ClassicLevel<string, Uint8Array>, deps: OutputStoreDeps) {
    this.#database = database
    this.#deps = deps
  }

  /** Keeps lines; those that are here already are not kept twice. */
  async put({ namespace, run, shard, ordinal, ...kept }: OutputPart): Promise<void> {
    const at = this.#deps.clock.now()
    const key = `${attemptPrefix(run, shard, ordinal)}${wide(kept.lines[0]?.at ?? 0)}/${sumOf(kept)}`
    if ((await this.#database.get(key)) !== undefined) return
    const value = encodeValue(key, { namespace, at, ...kept } satisfies Kept)
    const place = timeKey(namespace, at, key)
    const bytes = value.length + key.length + place.length
    await this.#database.batch([
      { type: 'put', key, value },
      { type: 'put', key: place, value: encodeValue(place, bytes) },
    ])
    this.#count(namespace, bytes)
    await this.#keepQuota(namespace)
  }

  /** The lines of an attempt, as they came: by keys that are the same wherever a copy lies, and sort by time. */
  async parts(run: string, shard: number, ordinal: number): Promise<OutputLines[]> {
    const parts: OutputLines[] = []
    for await (const [key, value] of this.#database.iterator(under(attemptPrefix(run, shard, ordinal)))) {
      // What is damaged is lost; the copy may not be.
      const kept = decodeValue(key, value)?.value as Kept | undefined
      if (kept) parts.push({ key, lines: kept.lines, ...(kept.from !== undefined && { from: kept.from }) })
    }
    return parts
  }

  /** Ids of runs that have lines here, from one on, at most `limit`. */
  async runs(after: string, limit: number): Promise<string[]> {
    const runs: string[] = []
    for (let gte = after === '' ? 'O/' : `O/${after}0`; runs.length < limit; ) {
      const [key] = await this.#database.keys({ gte, lt: under('O/').lt, limit: 1 }).all()
      if (key === undefined) return runs
      const run = key.slice(2, key.indexOf('/', 2))
      runs.push(run)
      gte = `O/${run}0`
    }
    return runs
  }

  /** Drops the lines of a run. */
  async drop(run: string): Promise<void> {
    for await (const [key, value] of this.#database.iterator(under(`O/${run}/`))) {
      const kept = decodeValue(key, value)?.value as Kept | undefined
      if (kept) await this.#remove(timeKey(kept.namespace, kept.at, key))
      else await this.#database.del(key)
    }
  }

  async close(): Promise<void> {
    await this.#database.close()
  }

  async #keepQuota(namespace: number): Promise<void> {
    const { namespaceBytesMax } = this.#deps
    while ((this.#bytes.get(namespace) ?? 0) > namespaceBytesMax) {
      const [oldest] = await this.#database.keys({ ...under(`T/${wide(namespace)}/`), limit: 1 }).all()
      if (oldest === undefined) return
      await this.#remove(oldest)
    }
  }

  async #remove(place: string): Promise<void> {
    const value = await this.#database.get(place)
    await this.#database.batch([
      { type: 'del', key: place },
      { type: 'del', key: place.slice(place.indexOf('O/')) },
    ])
    if (value) this.#count(namespaceOf(place), -Number(decodeValue(place, value)?.value ?? 0))
  }

  #count(namespace: number, bytes: number): void {
    this.#bytes.set(namespace, (this.#bytes.get(namespace) ?? 0) + bytes)
  }
}

function attemptPrefix(run: string, shard: number, ordinal: number): string {
  return `O/${run}/${narrow(shard)}/${narrow(ordinal)}/`
}

function timeKey(namespace: number, at: number, key: string): string {
  return `T/${wide(namespace)}/${wide(at)}/${key}`
}

function namespaceOf(place: string): number {
  return Number.parseInt(place.split('/')[1] ?? '', 36)
}

function sumOf({ lines, from }: Pick<OutputPart, 'lines' | 'from'>): string {
  const bytes = Buffer.from(JSON.stringify([from, lines]))
  return crc32c(bytes, 0, bytes.length, 0).toString(16).padStart(8, '0')
}
