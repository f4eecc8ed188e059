import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'

/** Reads that may wait for a round, at most. */
const READS_MAX = 65_536

interface Waiter {
  resolve(index: number): void
  reject(error: Error): void
}

interface Round {
  context: string
  waiters: Set<Waiter>
}

export interface LinearizableReadsDeps {
  clock: Clock
  /** Asks the leader, who may be this node, for an index under a name of the round; may be lost. */
  ask(context: string): void
  /** Makes the names of rounds unlike those of other nodes and processes. */
  prefix: string
  /** How long a round may take before it is asked for again, in milliseconds. */
  retryMs: number
  /** How long a read waits in all, in milliseconds. */
  timeoutMs: number
}

/**
 * All reads that come while a round is under way share the next one, so that any number of them costs the leader one
 * message to a majority. A read never joins a round that was asked for before it came.
 */
export class LinearizableReads {
  readonly #deps: LinearizableReadsDeps
  #number = 0
  #asked: Round | undefined
  #gathering = new Set<Waiter>()
  #cancelRetry: (() => void) | undefined
  #waiting = 0

  constructor(deps: LinearizableReadsDeps) {
    this.#deps = deps
  }

  read(): Promise<number> {
    if (this.#waiting >= READS_MAX) return Promise.reject(noAnswer(`${READS_MAX} reads wait already`))
    this.#waiting++
    return new Promise((resolve, reject) => {
      const cancel = this.#deps.clock.after(this.#deps.timeoutMs, () => waiter.reject(noAnswer('no leader answered')))
      const settle = (end: () => void) => {
        if (!this.#drop(waiter)) return
        cancel()
        end()
      }
      const waiter: Waiter = {
        resolve: (index) => settle(() => resolve(index)),
        reject: (error) => settle(() => reject(error)),
      }
      this.#gathering.add(waiter)
      if (this.#asked === undefined) this.#ask()
    })
  }

  /** The leader's answer. */
  answered(context: string, index: number): void {
    const round = this.#asked
    if (round?.context !== context) return
    this.#cancelRetry?.()
    // The round is let go of last: a waiter that is in none any more has been told already.
    for (const waiter of [...round.waiters]) waiter.resolve(index)
    this.#asked = undefined
    if (this.#gathering.size > 0) this.#ask()
  }

  stop(): void {
    this.#cancelRetry?.()
    const waiters = [...(this.#asked?.waiters ?? []), ...this.#gathering]
    for (const waiter of waiters) waiter.reject(noAnswer('the node is stopping'))
    this.#asked = undefined
  }

  /** A new round, for those who waited for one that was lost, too. */
  #ask(): void {
    const { clock, prefix, retryMs, ask } = this.#deps
    const waiters = new Set([...(this.#asked?.waiters ?? []), ...this.#gathering])
    this.#gathering = new Set()
    if (waiters.size === 0) {
      this.#asked = undefined
      return
    }
    this.#asked = { context: `${prefix}-${++this.#number}`, waiters }
    this.#cancelRetry?.()
    this.#cancelRetry = clock.after(retryMs, () => this.#ask())
    ask(this.#asked.context)
  }

  #drop(waiter: Waiter): boolean {
    const waits = this.#asked?.waiters.delete(waiter) || this.#gathering.delete(waiter)
    if (waits) this.#waiting--
    return waits
  }
}

function noAnswer(detail: string): Problem {
  return new Problem('not-leader', `It cannot be shown that this node is up to date: ${detail}`)
}
