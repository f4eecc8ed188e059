import type { Attempt, Settled } from './attempt.ts'
import { ExpiringMap } from './expiring-map.ts'

/** How long an outcome is kept, in milliseconds. */
export const INBOX_TTL_MS = 600_000
/**
 * How long an attempt id is remembered, in milliseconds: twice the signature's tolerance, for clocks may differ, and a
 * second, for timestamps are whole ones. No call can be accepted again after that.
 */
export const SEEN_TTL_MS = 601_000
/** Outcomes kept. */
export const INBOX_ENTRIES_MAX = 10_000
/** Characters of all outcomes kept. */
export const INBOX_TEXT_MAX = 32 * 1024 * 1024
/** Attempt ids remembered after their outcome had to make room. */
export const SEEN_MAX = 100_000

/** What is known of an attempt. */
export type Known =
  | { kind: 'running'; attempt: Attempt }
  | { kind: 'ended'; text: string }
  /** It was taken, its outcome is gone. */
  | { kind: 'seen' }
  | { kind: 'new' }

/** Remembers what attempts came of, so that a call delivered twice runs its handler once. Bounded by age, count and size. */
export class Inbox {
  readonly #running = new Map<string, Attempt>()
  readonly #ended = new ExpiringMap<string>(INBOX_TTL_MS, (text) => {
    this.#text -= text.length
  })
  readonly #seen = new ExpiringMap<true>(SEEN_TTL_MS)
  #text = 0

  /** Handlers at work. */
  running(): ReadonlySet<Attempt> {
    return new Set(this.#running.values())
  }

  /** What is known of an attempt, or of those that it stands for: one that ended before one that runs. */
  find(id: string, supersedes: readonly string[], now: number): Known {
    this.#ended.expire(now)
    this.#seen.expire(now)
    const known = this.#newest([id])
    if (known) return known
    if (this.#seen.has(id)) return { kind: 'seen' }
    // A call that comes after the one that took its place does nothing any more.
    for (const superseded of supersedes) this.#see(superseded, now)
    return this.#newest(supersedes) ?? { kind: 'new' }
  }

  runningAttempt(id: string): Attempt | undefined {
    return this.#running.get(id)
  }

  /** Takes an attempt in, under one more id; until it is settled it is never forgotten. */
  take(id: string, attempt: Attempt, now: number): void {
    this.#running.set(id, attempt)
    this.#see(id, now)
  }

  /** An attempt is over: its outcome is kept. One that was refused may come again, for its handler did not run. */
  settle(attempt: Attempt, settled: Settled, now: number): void {
    for (const id of attempt.ids) {
      this.#running.delete(id)
      if (settled.kind === 'outcome') this.#keep(id, settled.text, now)
      else if (settled.kind === 'refused') this.#seen.delete(id)
    }
  }

  /** An attempt was answered with the outcome of one that it supersedes. */
  keepFor(id: string, text: string, now: number): void {
    if (this.#ended.has(id)) return
    this.#see(id, now)
    this.#keep(id, text, now)
  }

  #newest(ids: readonly string[]): Known | undefined {
    const text = ids.map((id) => this.#ended.get(id)).findLast((ended) => ended !== undefined)
    if (text !== undefined) return { kind: 'ended', text }
    const attempt = ids.map((id) => this.#running.get(id)).findLast(Boolean)
    return attempt && { kind: 'running', attempt }
  }

  #see(id: string, now: number): void {
    this.#seen.set(id, true, now)
    if (this.#seen.size > SEEN_MAX) this.#seen.dropOldest()
  }

  #keep(id: string, text: string, now: number): void {
    this.#ended.set(id, text, now)
    this.#text += text.length
    while (this.#ended.size > INBOX_ENTRIES_MAX || this.#text > INBOX_TEXT_MAX) this.#ended.dropOldest()
  }
}
