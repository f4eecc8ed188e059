import type { Entry, Message, MessageOf } from '../raft/types.ts'
import type { Clock } from '../runtime/clock.ts'

/** How long applying may hold the event loop. One entry may have hundreds of ends in it, so each is followed by a look. */
const SLICE_MS = 8

export interface ApplierDeps {
  clock: Clock
  /** Synchronous and total. */
  apply(entry: Entry): void
  /** Awaited before a group is applied: back-pressure of a store that lags behind. */
  room(): Promise<void>
  deliver(messages: readonly Message[]): void
  onFatal(error: unknown): void
}

/** Applies what is committed, in order, and lets others have the event loop every few milliseconds. */
export class Applier {
  readonly #deps: ApplierDeps
  #queue: MessageOf<'storage-apply'>[] = []
  #running: Promise<void> | undefined
  #stopped = false

  constructor(deps: ApplierDeps) {
    this.#deps = deps
  }

  push(message: MessageOf<'storage-apply'>): void {
    if (this.#stopped) return
    this.#queue.push(message)
    this.#running ??= this.#work()
  }

  /** Resolves when nothing is left to apply, at the latest after `withinMs`. */
  async idle(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (withinMs === Number.POSITIVE_INFINITY) return this.#done()
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(withinMs, resolve)
      void this.#done().then(() => {
        cancel()
        resolve()
      })
    })
  }

  /** Applies nothing more. */
  stop(): void {
    this.#stopped = true
    this.#queue = []
  }

  async #done(): Promise<void> {
    while (this.#running !== undefined && !this.#stopped) await this.#running
  }

  async #work(): Promise<void> {
    try {
      for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
        await this.#deps.room()
        await this.#applyAll(message.entries)
        if (this.#stopped) return
        this.#deps.deliver(message.responses)
      }
    } catch (error) {
      this.stop()
      this.#deps.onFatal(error)
    } finally {
      this.#running = undefined
    }
  }

  async #applyAll(entries: readonly Entry[]): Promise<void> {
    const { clock, apply } = this.#deps
    let since = clock.monotonic()
    for (let at = 0; at < entries.length; at++) {
      if (at > 0 && clock.monotonic() - since > SLICE_MS) {
        await new Promise<void>((resolve) => void clock.after(0, resolve))
        since = clock.monotonic()
      }
      if (this.#stopped) return
      apply(entries[at]!)
    }
  }
}
