import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { neverGiven } from './never-given.ts'
import { SinkFault } from './sink-fault.ts'
import type { SinkReader } from './sink-reader.ts'
import type { Sink, SinkConnection } from './sink.ts'
import type { SinkAnswer } from './sinks-port.ts'

/** How long all sinks together may take to answer a reader, in milliseconds. */
export const READ_TIMEOUT_MS = 2000
/** A sink that did not answer is not asked again for so long, in milliseconds: lists stay fast while it hangs. */
const SHUNNED_MS = 5000
/** Connections that nobody used for so long are closed, in milliseconds. */
const IDLE_MS = 60_000

/** A reader with connections of its own. */
export interface OpenReader extends SinkReader {
  close(): Promise<void>
}

export interface SinkReadersDeps {
  clock: Clock
  logger: Pick<Logger, 'warn'>
  sinks(): ReadonlyMap<number, Sink>
  openSecret(sealed: string): string
  /** Makes no connection yet. */
  connect(connection: SinkConnection, password: string | undefined): OpenReader
}

interface Entry {
  key: string
  reader: OpenReader
  usedAt: number
  /** Why it did not answer, and until when it is not asked again, by the monotonic clock. */
  failed?: { why: string; until: number }
}

/** Reads from sinks what the ledger no longer has: from the first that is well, and within a bounded time. */
export class SinkReaders {
  readonly #deps: SinkReadersDeps
  readonly #open = new Map<number, Entry>()
  #cancelTimer: (() => void) | undefined
  #stopped = false

  constructor(deps: SinkReadersDeps) {
    this.#deps = deps
  }

  /**
   * Asks one sink after the other until one answers, those aside that did not lately; one that has a
   * gap may not have what another has, so what it says has to suffice, or is the answer when no other one does. What is wrong with a question itself, such as a cursor that no list
   * made, is thrown; what is wrong with a sink is said of it.
   */
  async read<T>(
    ask: (reader: SinkReader) => Promise<T>,
    suffices: (value: T) => boolean = () => true,
  ): Promise<SinkAnswer<T>> {
    const { clock } = this.#deps
    const until = clock.monotonic() + READ_TIMEOUT_MS
    const failed: { sink: string; why: string }[] = []
    const asked = this.#inOrder()
    let answer: SinkAnswer<T> | undefined
    for (const [at, sink] of asked.entries()) {
      const share = (until - clock.monotonic()) / (asked.length - at)
      if (share <= 0) break
      let entry: Entry | undefined
      try {
        entry = this.#entryOf(sink)
        if (entry.failed && entry.failed.until > clock.monotonic()) {
          failed.push({ sink: sink.name, why: entry.failed.why })
          continue
        }
        const value = await this.#within(share, ask(entry.reader))
        delete entry.failed
        if (suffices(value)) return { sink: sink.name, value }
        answer ??= { sink: sink.name, value }
      } catch (error) {
        if (!(error instanceof SinkFault)) throw error
        if (entry) entry.failed = { why: error.message, until: clock.monotonic() + SHUNNED_MS }
        failed.push({ sink: sink.name, why: error.message })
      }
    }
    return answer ?? { failed }
  }

  /** Closes every connection. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    const entries = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(entries.map((entry) => this.#close(entry)))
  }

  /**
   * Those that are well, then those that were not; first of each who lacks least, and then the oldest. None that is paused:
   * somebody works on it.
   */
  #inOrder(): Sink[] {
    const now = this.#deps.clock.monotonic()
    const rank = ({ uid, trouble }: Sink) => (trouble || (this.#open.get(uid)?.failed?.until ?? 0) > now ? 1 : 0)
    return (
      [...this.#deps.sinks().values()]
        // Before anything was delivered nobody has looked whose rows those are that may be there.
        .filter(({ paused, cursor }) => !paused && cursor[0] > 0)
        .sort((a, b) => rank(a) - rank(b) || neverGiven(a) - neverGiven(b) || a.uid - b.uid)
    )
  }

  #entryOf(sink: Sink): Entry {
    const { clock, connect } = this.#deps
    if (this.#stopped) throw new SinkFault('closed', 'the node stops')
    const key = JSON.stringify([sink.connection, sink.password])
    const present = this.#open.get(sink.uid)
    if (present?.key === key) {
      present.usedAt = clock.monotonic()
      return present
    }
    if (present) void this.#close(present)
    const reader = connect(sink.connection, this.#passwordOf(sink))
    const entry = { key, reader, usedAt: clock.monotonic() }
    this.#open.set(sink.uid, entry)
    this.#arm()
    return entry
  }

  #passwordOf({ password }: Sink): string | undefined {
    try {
      return password === undefined ? undefined : this.#deps.openSecret(password)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new SinkFault('access-denied', `its password cannot be opened: ${why}`)
    }
  }

  /** Closes what nobody uses any more, as long as there is something to close. */
  #arm(): void {
    if (this.#cancelTimer || this.#stopped || this.#open.size === 0) return
    const { clock, sinks } = this.#deps
    this.#cancelTimer = clock.after(IDLE_MS, () => {
      this.#cancelTimer = undefined
      for (const [uid, entry] of this.#open) {
        if (sinks().has(uid) && clock.monotonic() - entry.usedAt < IDLE_MS) continue
        this.#open.delete(uid)
        void this.#close(entry)
      }
      this.#arm()
    })
  }

  async #close({ reader }: Entry): Promise<void> {
    await reader.close().catch((error: unknown) => {
      this.#deps.logger.warn({ error: String(error) }, 'the connections of a sink did not close cleanly')
    })
  }

  /** Of what comes too late nothing is heard any more. */
  #within<T>(ms: number, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#deps.clock.after(ms, () =>
        reject(new SinkFault('timeout', `it did not answer within ${Math.round(ms)} ms`)),
      )
      answer.then(resolve, reject).finally(cancel)
    })
  }
}
