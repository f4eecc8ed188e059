import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'

/** Waits until an index is applied, at most. */
const WAITS_MAX = 65_536

interface Wait {
  index: number
  resolve(): void
  reject(error: Error): void
}

/** Those who want to go on once this node has applied an index. */
export class AppliedWaits {
  readonly #clock: Clock
  /** Ascending by index; most come in that order. */
  readonly #waits: Wait[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wait(index: number, timeoutMs: number): Promise<void> {
    if (this.#waits.length >= WAITS_MAX) {
      return Promise.reject(
        new Problem('not-caught-up', `${WAITS_MAX} requests wait for this node to catch up already`),
      )
    }
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const at = this.#waits.indexOf(wait)
        if (at >= 0) this.#waits.splice(at, 1)
        reject(new Problem('not-caught-up', `This node has not caught up to index ${index} within ${timeoutMs} ms`))
      })
      const wait: Wait = {
        index,
        resolve: () => {
          cancel()
          resolve()
        },
        reject: (error) => {
          cancel()
          reject(error)
        },
      }
      let at = this.#waits.length
      while (at > 0 && this.#waits[at - 1]!.index > index) at--
      this.#waits.splice(at, 0, wait)
    })
  }

  /** Nothing more is applied here. */
  stop(problem: Problem): void {
    for (const wait of this.#waits.splice(0)) wait.reject(problem)
  }

  applied(index: number): void {
    const waits = this.#waits
    if (waits.length === 0 || waits[0]!.index > index) return
    let count = 1
    while (count < waits.length && waits[count]!.index <= index) count++
    for (const wait of waits.splice(0, count)) wait.resolve()
  }
}
