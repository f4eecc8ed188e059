import { Problem } from '../problems.ts'
import { formatBytes } from '../runtime/bytes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Command } from '../state/commands.ts'
import type { LedgerSpace } from '../store/ledger-space.ts'
import type { Alarms } from './alarms.ts'

/** How often free space is looked at, in milliseconds. */
const LOOK_MS = 1000
/** What adds to what is kept; what ends, deletes or moves something on is taken while there is any space. */
const DEFINES: ReadonlySet<Command['kind']> = new Set([
  'namespace-put',
  'service-put',
  'manifest-reconcile',
  'job-put',
  'kv-put',
])

/** The disk that a node keeps everything on. */
export interface Disk {
  /** Bytes that are free for the data folder. */
  free(): Promise<number>
  /** What the ledger takes of it; absent: never too much. */
  space?: () => Promise<LedgerSpace>
  /** Below so many bytes no new definitions are taken; 0: never refuses. */
  reserveBytes: number
}

/** Looks at the free space of the data folder, and refuses new definitions while there is too little of it. */
export class DiskWatch {
  readonly #deps: { clock: Clock; alarms: Alarms; disk: Disk }
  #cancel: (() => void) | undefined
  #freeBytes = Number.POSITIVE_INFINITY
  #stopped = false

  constructor(deps: { clock: Clock; alarms: Alarms; disk: Disk }) {
    this.#deps = deps
  }

  start(): void {
    if (this.#deps.disk.reserveBytes > 0) void this.#look()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** Throws a `Problem` when a command is not taken for lack of space. */
  admit({ kind }: Command): void {
    if (this.#isFull && DEFINES.has(kind)) throw new Problem('disk-full', this.#sentence)
  }

  get #isFull(): boolean {
    return this.#freeBytes < this.#deps.disk.reserveBytes
  }

  get #sentence(): string {
    const { reserveBytes } = this.#deps.disk
    return `${formatBytes(roundedDown(this.#freeBytes))} are free for the data folder, less than the reserve of ${formatBytes(reserveBytes)}: new definitions are refused until there is more.`
  }

  async #look(): Promise<void> {
    const { clock, alarms, disk } = this.#deps
    try {
      this.#freeBytes = await disk.free()
      if (this.#isFull) alarms.raise('disk-full', this.#sentence, 'error')
      else alarms.clear('disk-full')
    } catch {
      // A folder that cannot be asked says nothing of its space; what cannot be written stops the node elsewhere.
    }
    if (!this.#stopped) this.#cancel = clock.after(LOOK_MS, () => void this.#look())
  }
}

/** To whole MiB, so that a sentence does not change with every byte. */
function roundedDown(bytes: number): number {
  const mib = 1024 * 1024
  return bytes < mib ? bytes : bytes - (bytes % mib)
}
