import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Logger, Outbox, OutboxEntry } from '@cronclave/sdk'
import type { FileHandle, FileSystem } from '../../wal/file-system.ts'
import { messageOf } from './message-of.ts'
import { isAttemptId, readEntry } from './outbox-entry.ts'

/** Results that are kept at once; one that finds no room is reported without being kept, and that is logged. */
export const RESULTS_MAX = 1000
/** Bytes of all that are kept. */
export const RESULTS_BYTES_MAX = 256 * 1024 * 1024

const SUFFIX = '.json'
/** Of a file that is being written: what has it after a start was never finished. */
const UNFINISHED = '.unfinished'

export interface DiskOutboxOptions {
  folder: string
  files: FileSystem
  log: Logger
  /** @default RESULTS_MAX */
  countMax?: number
  /** @default RESULTS_BYTES_MAX */
  bytesMax?: number
}

interface Kept {
  bytes: number
  /** Of what was put; absent until a file of an earlier process was read. */
  digest?: string
}

/**
 * Results that nobody has acknowledged yet: a folder with a file each, under the id of the attempt. `put` resolves when the
 * disk has the whole file under its name; a crash before that leaves nothing that counts.
 */
export class DiskOutbox implements Outbox {
  readonly #options: Required<DiskOutboxOptions>
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  #written = 0
  /** What is done about an attempt last: one thing after the other, while the disk works for several attempts at once. */
  readonly #turns = new Map<string, Promise<unknown>>()
  #found: string[] = []

  /** Makes the folder, or looks what is in it; clears what a crash left unfinished. */
  static async open(options: DiskOutboxOptions): Promise<DiskOutbox> {
    const outbox = new DiskOutbox(options)
    await outbox.#load()
    return outbox
  }

  private constructor(options: DiskOutboxOptions) {
    this.#options = { countMax: RESULTS_MAX, bytesMax: RESULTS_BYTES_MAX, ...options }
  }

  /** Results that are not acknowledged. */
  get count(): number {
    return this.#kept.size
  }

  /** Of all files together. */
  get bytes(): number {
    return this.#bytes
  }

  put(entry: OutboxEntry): Promise<void> {
    return this.#inTurn(entry.attemptId, () => this.#put(entry))
  }

  /** When a file comes back after a crash its result is only reported once more. */
  delete(attemptId: string): Promise<void> {
    return this.#inTurn(attemptId, () => this.#remove(attemptId))
  }

  /** What was there when it was opened, each read when it is asked for; handed over once. */
  async *entries(): AsyncGenerator<OutboxEntry> {
    for (const attemptId of this.#found.splice(0)) {
      const entry = await this.#inTurn(attemptId, () => this.#read(attemptId))
      if (entry) yield entry
    }
  }

  async #put(entry: OutboxEntry): Promise<void> {
    const { countMax, bytesMax } = this.#options
    const { attemptId } = entry
    if (!isAttemptId(attemptId)) throw new Error('this is no id of an attempt')
    const content = Buffer.from(JSON.stringify(entry))
    const digest = digestOf(content)
    const before = this.#kept.get(attemptId)
    if (before?.digest === digest) return
    const bytes = this.#bytes - (before?.bytes ?? 0) + content.length
    if (!before && this.#kept.size >= countMax) throw new Error(`${countMax} results are kept already`)
    if (bytes > bytesMax) throw new Error(`the results that are kept would have more than ${bytesMax} bytes`)
    this.#count(attemptId, { bytes: content.length, digest })
    try {
      await this.#write(this.#pathOf(attemptId), content)
    } catch (error) {
      this.#count(attemptId, before)
      throw error
    }
    await this.#options.files.syncFolder(this.#options.folder)
  }

  /** Under another name until all of it is on disk. */
  async #write(path: string, content: Uint8Array): Promise<void> {
    const { files } = this.#options
    const unfinished = `${path}.${++this.#written}${UNFINISHED}`
    try {
      await withFile(await files.open(unfinished, 'create'), (file) => file.writeDurably(0, content))
      await files.rename(unfinished, path)
    } catch (error) {
      await files.remove(unfinished).catch(() => undefined)
      throw error
    }
  }

  async #load(): Promise<void> {
    const { files, folder } = this.#options
    await files.makeFolder(folder)
    for (const name of await files.list(folder)) {
      if (name.endsWith(UNFINISHED)) await files.remove(join(folder, name))
      else if (name.endsWith(SUFFIX)) await this.#find(name.slice(0, -SUFFIX.length))
    }
  }

  async #find(attemptId: string): Promise<void> {
    if (!isAttemptId(attemptId)) return
    const bytes = await this.#onFile(attemptId, (file) => file.size())
    if (bytes === undefined) return
    this.#found.push(attemptId)
    this.#count(attemptId, { bytes })
  }

  async #read(attemptId: string): Promise<OutboxEntry | undefined> {
    const { log } = this.#options
    const content = await this.#onFile(attemptId, async (file) => file.read(0, await file.size()))
    if (!content) return undefined
    const entry = readEntry(Buffer.from(content).toString('utf8'), attemptId)
    if (entry) this.#count(attemptId, { bytes: content.length, digest: digestOf(content) })
    else {
      log.error({ attemptId }, 'a kept result cannot be read and is given up')
      await this.#remove(attemptId)
    }
    return entry
  }

  /** Of a file that cannot be opened or read nobody knows what it holds: it stays where it is. */
  async #onFile<Result>(attemptId: string, use: (file: FileHandle) => Promise<Result>): Promise<Result | undefined> {
    const { files, log } = this.#options
    try {
      return await withFile(await files.open(this.#pathOf(attemptId), 'read'), use)
    } catch (error) {
      log.error({ attemptId, error: messageOf(error) }, 'a kept result cannot be read and stays where it is')
      return undefined
    }
  }

  async #remove(attemptId: string): Promise<void> {
    if (!this.#kept.has(attemptId)) return
    await this.#options.files.remove(this.#pathOf(attemptId))
    this.#count(attemptId, undefined)
  }

  #count(attemptId: string, kept: Kept | undefined): void {
    this.#bytes += (kept?.bytes ?? 0) - (this.#kept.get(attemptId)?.bytes ?? 0)
    if (kept) this.#kept.set(attemptId, kept)
    else this.#kept.delete(attemptId)
  }

  #pathOf(attemptId: string): string {
    return join(this.#options.folder, attemptId + SUFFIX)
  }

  /** One after the other for an attempt, whatever came of what was done before. */
  #inTurn<Result>(attemptId: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(attemptId) ?? Promise.resolve()).then(work)
    const over = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(attemptId) === over) this.#turns.delete(attemptId)
      })
    this.#turns.set(attemptId, over)
    return turn
  }
}

async function withFile<Result>(file: FileHandle, use: (file: FileHandle) => Promise<Result>): Promise<Result> {
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64')
}
