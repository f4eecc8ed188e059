import type { Millis } from '../runtime/clock.ts'
import type { AlertMessage } from './episode.ts'

/** Messages under way at once by one channel. */
export const CHANNEL_FLIGHTS_MAX = 2

interface Waiting {
  at: Millis
  /** What comes later of one episode never overtakes what came before. */
  episode?: string
}

/** The open messages of one channel: which goes next, and when. */
export class Lane {
  readonly channel: number
  /** By id, in the order in which they were made. */
  readonly #waiting = new Map<number, Waiting>()
  readonly #flying = new Map<number, string | undefined>()
  /** Whether the last message that was tried is to be tried again. */
  #failing = false

  constructor(channel: number) {
    this.channel = channel
  }

  get isFailing(): boolean {
    return this.#failing
  }

  /** Whether as much is under way as may be; a channel that fails sends one at a time. */
  get isFull(): boolean {
    return this.#flying.size >= (this.#failing ? 1 : CHANNEL_FLIGHTS_MAX)
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#flying.size === 0
  }

  /** What is left to some alone holds nothing back: the others are told what comes later. */
  enter({ id, about, nextAt, left }: AlertMessage): void {
    if (nextAt === undefined || this.#flying.has(id)) return
    this.#waiting.set(id, { at: nextAt, ...('episode' in about && !left ? { episode: about.episode } : {}) })
  }

  /** Takes the next message that may go now. */
  take(now: Millis): number | undefined {
    if (this.isFull) return undefined
    for (const { id, at, episode } of this.#inOrder()) {
      if (at > now) continue
      this.#waiting.delete(id)
      this.#flying.set(id, episode)
      return id
    }
    return undefined
  }

  /** When the next message is due that waits for nothing but time. */
  nextAt(): Millis {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#inOrder()) next = Math.min(next, at)
    return next
  }

  /** A message came back. The first that is taken after failures brings forward what was put off. */
  landed(id: number, how: 'taken' | 'not-taken' | 'put-off', now: Millis): void {
    this.#flying.delete(id)
    if (how === 'put-off') this.#failing = true
    if (how !== 'taken' || !this.#failing) return
    this.#failing = false
    for (const waiting of this.#waiting.values()) waiting.at = Math.min(waiting.at, now)
  }

  /** Forgets what waits: another leader goes on with it. */
  clear(): void {
    this.#waiting.clear()
    this.#failing = false
  }

  /** Those that no earlier message of their episode holds back. */
  *#inOrder(): Generator<{ id: number; at: Millis; episode: string | undefined }> {
    const seen = new Set<string | undefined>(this.#flying.values())
    for (const [id, { at, episode }] of this.#waiting) {
      if (episode !== undefined && seen.has(episode)) continue
      seen.add(episode)
      yield { id, at, episode }
    }
  }
}
