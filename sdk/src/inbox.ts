import type { Attempt, Settled } from './attempt.ts'

/** How long an outcome is kept, in milliseconds; twice the signature's tolerance, so no call outlives it. */
export const INBOX_TTL_MS = 600_000
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
  readonly #ended = new Map<string, { text: string; until: number }>()
  readonly #seen = new Map<string, number>()
  #text = 0

  /** Handlers at work. */
  running(): ReadonlySet<Attempt> {
    return new Set(this.#running.values())
  }

  /** What is known of an attempt, or of those that it stands for: one that ended before one that runs. */
  find(id: string, supersedes: readonly string[], now: number): Known {
    this.#expire(now)
    const ended = this.#ended.get(id)
    if (ended) return { kind: 'ended', text: ended.text }
    const running = this.#running.get(id)
    if (running) return { kind: 'running', attempt: running }
    if (this.#seen.has(id)) return { kind: 'seen' }
    return supersedes.length === 0 ? { kind: 'new' } : this.#findSuperseded(supersedes)
  }

  runningAttempt(id: string): Attempt | undefined {
    return this.#running.get(id)
  }

  /** Takes an attempt in, under one more id; until it is settled it is never forgotten. */
  take(id: string, attempt: Attempt, now: number): void {
    this.#running.set(id, attempt)
    this.#seen.set(id, now + INBOX_TTL_MS)
    if (this.#seen.size > SEEN_MAX) deleteFirst(this.#seen)
  }

  /** An attempt is over: its outcome is kept, anything else is forgotten. */
  settle(attempt: Attempt, settled: Settled, now: number): void {
    for (const id of attempt.ids) {
      this.#running.delete(id)
      if (settled.kind === 'outcome') this.#keep(id, settled.text, now)
      else this.#seen.delete(id)
    }
  }

  /** An attempt was answered with the outcome of one that it supersedes. */
  keepFor(id: string, text: string, now: number): void {
    if (this.#ended.has(id)) return
    this.#seen.set(id, now + INBOX_TTL_MS)
    if (this.#seen.size > SEEN_MAX) deleteFirst(this.#seen)
    this.#keep(id, text, now)
  }

  #findSuperseded(supersedes: readonly string[]): Known {
    for (let i = supersedes.length - 1; i >= 0; i--) {
      const ended = this.#ended.get(supersedes[i] ?? '')
      if (ended) return { kind: 'ended', text: ended.text }
    }
    for (let i = supersedes.length - 1; i >= 0; i--) {
      const running = this.#running.get(supersedes[i] ?? '')
      if (running) return { kind: 'running', attempt: running }
    }
    return { kind: 'new' }
  }

  #keep(id: string, text: string, now: number): void {
    this.#ended.set(id, { text, until: now + INBOX_TTL_MS })
    this.#text += text.length
    while (this.#ended.size > INBOX_ENTRIES_MAX || this.#text > INBOX_TEXT_MAX) this.#dropOldest()
  }

  #expire(now: number): void {
    for (const { until } of this.#ended.values()) {
      if (until > now) break
      this.#dropOldest()
    }
    for (const until of this.#seen.values()) {
      if (until > now) break
      deleteFirst(this.#seen)
    }
  }

  #dropOldest(): void {
    for (const [id, { text }] of this.#ended) {
      this.#text -= text.length
      this.#ended.delete(id)
      return
    }
  }
}

function deleteFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}
