import type { FileSystem } from './file-system.ts'

/**
 * Files whose disk space is allocated and whose content is void, ready to become the next segment. Recycled segments
 * end up here; a new one is made in the background only when there is none. What a spare holds never matters: a
 * segment counts from the moment its head is durable and it has its name.
 */
export class Spares {
  readonly #fileSystem: FileSystem
  readonly #folder: string
  readonly #segmentBytes: number
  readonly #max: number
  #ready: string[] = []
  #next = 1
  #preparing: Promise<void> | undefined
  /** There was no room for one: not tried again before it is needed, since each try fills what is left of the disk. */
  #noRoom = false

  constructor(options: { fileSystem: FileSystem; folder: string; segmentBytes: number; sparesMax: number }) {
    this.#fileSystem = options.fileSystem
    this.#folder = options.folder
    this.#segmentBytes = options.segmentBytes
    this.#max = options.sparesMax
  }

  /** Takes over the spares that an earlier process left, and removes those of another size. */
  async adopt(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const number = /^spare-(\d+)\.wal$/.exec(name)?.[1]
      if (number === undefined) continue
      this.#next = Math.max(this.#next, Number(number) + 1)
      const path = `${this.#folder}/${name}`
      const size = await sizeOf(this.#fileSystem, path)
      if (size === this.#segmentBytes && this.#ready.length < this.#max) this.#ready.push(path)
      else await this.#fileSystem.remove(path)
    }
  }

  /** Makes a spare in the background when there is none, so that `take` need not wait. */
  prepare(): void {
    if (this.#ready.length > 0 || this.#preparing !== undefined || this.#noRoom) return
    // A failure here harms nothing yet: `take` tries again, and fails, when the space is really needed.
    const failed = () => {
      this.#noRoom = true
    }
    this.#preparing = this.#make()
      .catch(failed)
      .finally(() => {
        this.#preparing = undefined
      })
  }

  /** Path of a file of the size of a segment. */
  async take(): Promise<string> {
    await this.#preparing
    if (this.#ready.length === 0) await this.#make()
    this.#noRoom = false
    return this.#ready.shift()!
  }

  /** Turns a segment that is no longer needed into a spare, or removes it when there are enough. */
  async give(path: string, bytes: number): Promise<void> {
    if (this.#ready.length >= this.#max || bytes !== this.#segmentBytes) {
      await this.#fileSystem.remove(path)
      await this.#fileSystem.syncFolder(this.#folder)
      return
    }
    const spare = this.#path()
    await this.#fileSystem.rename(path, spare)
    // Durable before it is used: otherwise the old name might come back after a crash, with new content.
    await this.#fileSystem.syncFolder(this.#folder)
    this.#ready.push(spare)
  }

  /** Waits for what goes on in the background. */
  async settle(): Promise<void> {
    await this.#preparing
  }

  async #make(): Promise<void> {
    const path = this.#path()
    try {
      const handle = await this.#fileSystem.open(path, 'create')
      try {
        await handle.allocate(this.#segmentBytes)
      } finally {
        await handle.close()
      }
    } catch (error) {
      await this.#fileSystem.remove(path).catch(() => undefined)
      throw error instanceof Error ? Object.assign(error, { needsBytes: this.#segmentBytes }) : error
    }
    this.#ready.push(path)
  }

  #path(): string {
    return `${this.#folder}/spare-${this.#next++}.wal`
  }
}

async function sizeOf(fileSystem: FileSystem, path: string): Promise<number> {
  const handle = await fileSystem.open(path, 'read')
  try {
    return await handle.size()
  } finally {
    await handle.close()
  }
}
