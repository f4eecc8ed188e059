import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Logger, Outbox, OutboxEntry } from '@cronclave/sdk'
import type { FileHandle, FileSystem } from '../../wal/file-system.ts'
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
  digest: string
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
  #last: Promise<unknown> = Promise.resolve()
  #found: OutboxEntry[] = []

  /** Makes the folder, or reads what is in it; clears what a crash left unfinished. */
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
    return this.#inTurn(() => this.#put(entry))
  }

  /** When a file comes back after a crash its result is only reported once more. */
  delete(attemptId: string): Promise<void> {
    return this.#inTurn(async () => {
      const kept = this.#kept.get(attemptId)
      if (!kept) return
      await this.#options.files.remove(this.#pathOf(attemptId))
      this.#kept.delete(attemptId)
      this.#bytes -= kept.bytes
    })
  }

  /** What was there when it was opened; handed over once. */
  entries(): Promise<readonly OutboxEntry[]> {
    return Promise.resolve(this.#found.splice(0))
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
    await this.#write(this.#pathOf(attemptId), content)
    this.#kept.set(attemptId, { bytes: content.length, digest })
    this.#bytes = bytes
  }

  /** Under another name until all of it is on disk. */
  async #write(path: string, content: Uint8Array): Promise<void> {
    const { files, folder } = this.#options
    const unfinished = `${path}.${++this.#written}${UNFINISHED}`
    try {
      await withFile(await files.open(unfinished, 'create'), (file) => file.writeDurably(0, content))
      await files.rename(unfinished, path)
    } catch (error) {
      await files.remove(unfinished).catch(() => undefined)
      throw error
    }
    await files.syncFolder(folder)
  }

  async #load(): Promise<void> {
    const { files, folder } = this.#options
    await files.makeFolder(folder)
    for (const name of await files.list(folder)) {
      if (name.endsWith(UNFINISHED)) await files.remove(join(folder, name))
      else if (name.endsWith(SUFFIX)) await this.#loadFile(name.slice(0, -SUFFIX.length))
    }
  }

  async #loadFile(attemptId: string): Promise<void> {
    const { files, log } = this.#options
    if (!isAttemptId(attemptId)) return
    const path = this.#pathOf(attemptId)
    const content = await withFile(await files.open(path, 'read'), async (file) => file.read(0, await file.size()))
    const entry = readEntry(Buffer.from(content).toString('utf8'), attemptId)
    if (!entry) {
      log.error({ attemptId }, 'a kept result cannot be read and is given up')
      return files.remove(path)
    }
    this.#found.push(entry)
    this.#kept.set(attemptId, { bytes: content.length, digest: digestOf(content) })
    this.#bytes += content.length
  }

  #pathOf(attemptId: string): string {
    return join(this.#options.folder, attemptId + SUFFIX)
  }

  /** One after the other, whatever came of those before. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
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
