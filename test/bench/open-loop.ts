/** When a write was sent and when it was acknowledged, by the monotonic clock. */
export interface Acknowledged {
  sentAt: number
  ackedAt: number
}

/** Writes at a fixed rate whatever comes of those before, each to the next of the targets, and when each was acknowledged. Failures count as never. */
export class OpenLoop {
  readonly #write: (n: number) => Promise<void>
  readonly #everyMs: number
  readonly #underWay = new Set<Promise<void>>()
  #acknowledged: Acknowledged[] = []
  #timer: NodeJS.Timeout | undefined
  #sent = 0

  constructor(everyMs: number, write: (n: number) => Promise<void>) {
    this.#everyMs = everyMs
    this.#write = write
  }

  start(): void {
    const begin = performance.now()
    const due = () => begin + this.#sent * this.#everyMs
    const tick = () => {
      while (due() <= performance.now()) this.#send()
      this.#timer = setTimeout(tick, Math.max(0, due() - performance.now()))
    }
    tick()
  }

  /** The first acknowledgement of a write that was sent after an instant, as soon as there is one. */
  async firstAfter(at: number, withinMs: number): Promise<Acknowledged> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const first = this.#acknowledged.find(({ sentAt }) => sentAt > at)
      if (first) return first
      if (performance.now() > deadline) throw new Error(`no write was acknowledged within ${withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** Acknowledgements since the last time this was asked, in their order. */
  take(): Acknowledged[] {
    const taken = this.#acknowledged
    this.#acknowledged = []
    return taken
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all(this.#underWay)
  }

  #send(): void {
    const sentAt = performance.now()
    const one: Promise<void> = this.#write(this.#sent++)
      .then(
        () => void this.#acknowledged.push({ sentAt, ackedAt: performance.now() }),
        () => undefined,
      )
      .finally(() => this.#underWay.delete(one))
    this.#underWay.add(one)
  }
}

/** The longest time between two acknowledgements. */
export function longestGap(acknowledged: readonly Acknowledged[]): number {
  return acknowledged.reduce((longest, { ackedAt }, i) => {
    const before = acknowledged[i - 1]
    return before ? Math.max(longest, ackedAt - before.ackedAt) : longest
  }, 0)
}
