import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './durable-folder.ts'
import type { Clock } from './clock.ts'

export interface RotatedFileOptions {
  path: string
  /** The file is rotated before a line would make it larger. A single longer line still goes into a file of its own. */
  maxSizeBytes: number
  /** The file is rotated before a line is written to it at this age. */
  maxAgeMs: number
  /** Rotated files kept: `<path>.1` is the newest. */
  maxFiles: number
}

/** Lines that wait for the disk, in bytes; what comes beyond is dropped and counted. */
const BACKLOG_BYTES_MAX = 4 * 1_048_576
/** How long after a fault of the file the next attempt is made. */
const RETRY_MS = 5000

/**
 * A log file that is rotated by size and age. A fault of the disk never reaches who writes: it is reported once, the
 * lines in between are counted as lost, and the file goes on as soon as it can.
 */
export class RotatedFile {
  readonly #options: RotatedFileOptions
  readonly #clock: Clock
  readonly #report: (message: string) => void
  #handle: FileHandle | undefined
  #size = 0
  #born = 0
  #waiting: string[] = []
  #waitingBytes = 0
  #lost = 0
  #faultAt: number | undefined
  #draining: Promise<void> | undefined

  constructor(options: RotatedFileOptions, clock: Clock, report: (message: string) => void) {
    this.#options = options
    this.#clock = clock
    this.#report = report
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#waitingBytes + bytes > BACKLOG_BYTES_MAX || this.#resting()) {
      this.#lost++
      return
    }
    this.#waiting.push(line)
    this.#waitingBytes += bytes
    this.#draining ??= this.#drain()
  }

  /** Resolves when everything written so far is in the file, or lost. */
  async flush(): Promise<void> {
    while (this.#draining) await this.#draining
  }

  async close(): Promise<void> {
    await this.flush()
    await this.#closeHandle()
  }

  #resting(): boolean {
    return this.#faultAt !== undefined && this.#clock.monotonic() - this.#faultAt < RETRY_MS
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      try {
        await this.#writeSome()
      } catch (error) {
        await this.#rest(error as Error)
      }
    }
    this.#draining = undefined
  }

  async #writeSome(): Promise<void> {
    this.#handle ??= await this.#open()
    const { maxSizeBytes, maxAgeMs } = this.#options
    const next = Buffer.byteLength(this.#waiting[0] ?? '')
    if (this.#size > 0 && (this.#size + next > maxSizeBytes || this.#clock.now() - this.#born >= maxAgeMs)) {
      this.#handle = await this.#rotate()
    }
    const [text, lines] = this.#batch(maxSizeBytes - this.#size)
    await this.#handle.appendFile(text)
    this.#size += Buffer.byteLength(text)
    this.#waiting.splice(0, lines)
    this.#waitingBytes -= Buffer.byteLength(text)
    this.#faultAt = undefined
    if (this.#lost > 0) this.#sayLost()
  }

  /** As many lines as fit, at least one. */
  #batch(room: number): [text: string, lines: number] {
    let text = ''
    let lines = 0
    let bytes = 0
    for (const line of this.#waiting) {
      bytes += Buffer.byteLength(line)
      if (lines > 0 && bytes > room) break
      text += line
      lines++
    }
    return [text, lines]
  }

  #sayLost(): void {
    const time = new Date(this.#clock.now()).toISOString()
    const line = `${JSON.stringify({ level: 'warn', time, lost: this.#lost, msg: 'log lines were lost' })}\n`
    this.#lost = 0
    this.#waiting.unshift(line)
    this.#waitingBytes += Buffer.byteLength(line)
  }

  async #open(): Promise<FileHandle> {
    await makeFolder(dirname(this.#options.path))
    const handle = await open(this.#options.path, 'a', 0o600)
    const stats = await handle.stat()
    this.#size = stats.size
    this.#born = stats.size > 0 && stats.birthtimeMs > 0 ? stats.birthtimeMs : this.#clock.now()
    return handle
  }

  async #rotate(): Promise<FileHandle> {
    const { path, maxFiles } = this.#options
    await this.#closeHandle()
    await rm(`${path}.${maxFiles}`, { force: true })
    for (let number = maxFiles - 1; number >= 1; number--)
      await renameIfThere(`${path}.${number}`, `${path}.${number + 1}`)
    await renameIfThere(path, `${path}.1`)
    return await this.#open()
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  /** After a fault: says so once, drops what waits, and leaves the disk alone for a while. */
  async #rest(error: Error): Promise<void> {
    if (this.#faultAt === undefined) this.#report(`the log file cannot be written, lines are lost: ${error.message}`)
    this.#faultAt = this.#clock.monotonic()
    this.#lost += this.#waiting.length
    this.#waiting = []
    this.#waitingBytes = 0
    await this.#closeHandle().catch(() => {})
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
