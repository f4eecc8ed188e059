import type { Entry, HardState, Message, MessageOf, Snapshot } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { HardState as StoredHardState, Wal, WalRecord } from '../wal/wal.ts'
import { Durations } from './durations.ts'
import { encodeEntry } from './entry-codec.ts'
import { voteText } from './member-id.ts'

/** How long the log stays idle before a commit is written by itself, in milliseconds. */
const COMMIT_DELAY_MS = 20

export interface LogWriterDeps {
  wal: Wal
  clock: Clock
  /** Entries that are durable from now on. */
  onDurable(entries: readonly Entry[]): void
  /** Makes a received state this node's own. */
  install(snapshot: Snapshot, hardState: StoredHardState): Promise<void>
  /** What waited for durability. */
  deliver(messages: readonly Message[]): void
  onFatal(error: unknown): void
}

export interface LogWriterCounters {
  /** Entries made durable. */
  entries: number
  /** Synced writes, those that only record the commit included. */
  appends: number
  /** Bytes of entries made durable. */
  bytes: number
  /** How long the writes took. */
  readonly syncs: Durations
}

/**
 * Makes entries, votes and terms durable, one synced write at a time: what comes meanwhile shares the next one. Whatever
 * depends on a write is delivered after it. A commit alone syncs nothing: it is written with the next entries, or once
 * the log is idle; it lets a later start tell a damaged end of the log from a torn one.
 */
export class LogWriter {
  readonly counters: LogWriterCounters = { entries: 0, appends: 0, bytes: 0, syncs: new Durations() }
  readonly #deps: LogWriterDeps
  #queue: MessageOf<'storage-append'>[] = []
  #hardState: HardState
  #running: Promise<void> | undefined
  #cancelCommit: (() => void) | undefined
  #writing = false
  #failed = false
  #stopped = false

  constructor(deps: LogWriterDeps, hardState: HardState) {
    this.#deps = deps
    this.#hardState = hardState
  }

  /** Whether a write is under way. */
  get writing(): boolean {
    return this.#writing
  }

  push(message: MessageOf<'storage-append'>): void {
    this.#queue.push(message)
    if (this.#failed || this.#stopped) return
    this.#running ??= this.#work()
  }

  /** Waits for what is under way, and records the commit. */
  async stop(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    this.#stopped = true
    this.#cancelCommit?.()
    if (!this.#failed && this.#hardState.commit > this.#deps.wal.hardState.commit) await this.#append([], true)
  }

  async #work(): Promise<void> {
    try {
      while (this.#queue.length > 0) await this.#writeNext()
    } catch (error) {
      this.#failed = true
      this.#deps.onFatal(error)
    } finally {
      this.#running = undefined
    }
    if (!this.#failed && this.#queue.length > 0 && !this.#stopped) this.#running = this.#work()
    else this.#recordCommitLater()
  }

  async #writeNext(): Promise<void> {
    const queue = this.#queue
    if (queue[0]!.snapshot !== undefined) return this.#installNext(queue.shift()!)
    const next = queue.findIndex(({ snapshot }) => snapshot !== undefined)
    const messages = next < 0 ? queue.splice(0) : queue.splice(0, next)
    let entries: Entry[] = messages[0]!.entries
    let sync = false
    for (const [at, message] of messages.entries()) {
      if (at > 0) entries = joined(entries, message.entries)
      if (message.hardState !== undefined) sync = this.#note(message.hardState) || sync
    }
    await this.#append(entries, sync)
    if (entries.length > 0) this.#deps.onDurable(entries)
    for (const { responses } of messages) if (responses.length > 0) this.#deps.deliver(responses)
  }

  async #installNext(message: MessageOf<'storage-append'>): Promise<void> {
    if (message.hardState !== undefined) this.#note(message.hardState)
    await this.#deps.install(message.snapshot!, stored(this.#hardState))
    if (message.entries.length > 0) {
      await this.#append(message.entries, false)
      this.#deps.onDurable(message.entries)
    }
    this.#deps.deliver(message.responses)
  }

  /** Whether it must be synced before anything else is said. */
  #note(hardState: HardState): boolean {
    const { term, vote } = this.#hardState
    this.#hardState = hardState
    return hardState.term !== term || hardState.vote !== vote
  }

  async #append(entries: readonly Entry[], sync: boolean): Promise<void> {
    if (entries.length === 0 && !sync) return
    this.#cancelCommit?.()
    this.#cancelCommit = undefined
    const records: WalRecord[] = []
    for (const entry of entries) {
      const payload = encodeEntry(entry)
      this.counters.bytes += payload.length
      records.push({ index: entry.index, term: entry.term, payload })
    }
    this.#writing = true
    const began = this.#deps.clock.monotonic()
    try {
      await this.#deps.wal.append(records, stored(this.#hardState))
    } finally {
      this.#writing = false
    }
    this.counters.syncs.add(this.#deps.clock.monotonic() - began)
    this.counters.appends++
    this.counters.entries += entries.length
  }

  #recordCommitLater(): void {
    const { wal, clock } = this.#deps
    if (this.#failed || this.#stopped || this.#hardState.commit <= wal.hardState.commit) return
    this.#cancelCommit ??= clock.after(COMMIT_DELAY_MS, () => {
      this.#cancelCommit = undefined
      this.#running ??= this.#append([], true)
        // Proposals may have gathered while this write was under way.
        .then(() => this.#deps.deliver([]))
        .catch((error: unknown) => {
          this.#failed = true
          this.#deps.onFatal(error)
        })
        .finally(() => {
          this.#running = undefined
          if (this.#queue.length > 0 && !this.#failed && !this.#stopped) this.#running = this.#work()
        })
    })
  }
}

/** Entries that follow, or that take the place of the last ones. */
function joined(entries: Entry[], more: Entry[]): Entry[] {
  const first = more[0]
  if (first === undefined) return entries
  const kept = entries[0] === undefined ? [] : entries.slice(0, Math.max(0, first.index - entries[0].index))
  return kept.concat(more)
}

function stored({ term, vote, commit }: HardState): StoredHardState {
  return { term, vote: voteText(vote), commit }
}
