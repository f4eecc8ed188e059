import { Attempt } from '../../../sdk/src/attempt.ts'
import { Inbox } from '../../../sdk/src/inbox.ts'

/** What a handler said, without the ids of the call that it answers. */
export interface Said {
  outcome: 'succeeded' | 'failed'
  error?: { code: string; message: string; retryable: boolean }
}

/** A call that waits for the outcome of an attempt, by its own id. */
export interface Waiting {
  answer(said: Said): void
  /** The process is gone, and the connection with it. */
  reset(): void
}

/** What became of a call as it came in. `begun`: its handler runs from now on. */
export type Taken = 'begun' | 'joined' | 'answered' | 'refused'

/** Nothing that is played here depends on the time that a handler is allowed. */
const noClock = { now: () => 0, after: () => () => undefined }

/** One life of an executor's process with the SDK's inbox: what it took on and what came of it is gone with it. */
export class Instance {
  readonly #inbox = new Inbox()
  readonly #attempts = new Map<string, Attempt>()
  readonly #waiting = new Map<Attempt, Waiting[]>()
  /** Attempts whose handler ran here. */
  readonly handled = new Set<string>()
  alive = true

  /** A call comes in: its handler begins, or what is known of it, or of those that it stands for, answers it. */
  take(id: string, supersedes: readonly string[], call: Waiting, now: number): Taken {
    const known = this.#inbox.find(id, supersedes, now)
    switch (known.kind) {
      case 'seen':
        return 'refused'
      case 'ended':
        this.#inbox.keepFor(id, known.text, now)
        call.answer(JSON.parse(known.text) as Said)
        return 'answered'
      case 'running':
        if (!known.attempt.ids.includes(id)) {
          known.attempt.ids.push(id)
          this.#inbox.take(id, known.attempt, now)
        }
        this.#waiting.get(known.attempt)?.push(call)
        return 'joined'
      case 'new': {
        const attempt = new Attempt(id, noClock, 0)
        this.#inbox.take(id, attempt, now)
        this.#attempts.set(id, attempt)
        this.#waiting.set(attempt, [call])
        this.handled.add(id)
        return 'begun'
      }
    }
  }

  /** The handler that began with a call is done. */
  say(id: string, said: Said, now: number): void {
    const attempt = this.#attempts.get(id)
    if (attempt === undefined || !this.alive) return
    this.#attempts.delete(id)
    this.#inbox.settle(attempt, { kind: 'outcome', text: JSON.stringify(said) }, now)
    const waiting = this.#waiting.get(attempt) ?? []
    this.#waiting.delete(attempt)
    for (const call of waiting) call.answer(said)
  }

  /** The process dies with everything under way. */
  die(): void {
    if (!this.alive) return
    this.alive = false
    const waiting = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    for (const call of waiting) call.reset()
  }
}
