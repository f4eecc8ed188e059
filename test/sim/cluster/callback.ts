import type { Said } from './instance.ts'

/** How an executor answers a call. */
export interface Line {
  reply(status: number, headers: Record<string, string>, text: string): void
  reset(): void
}

/** What an executor reports of a call that it polled for. */
export interface Report {
  attempt: string
  run: string
  said: Said | { outcome: 'refused'; error: { code: string; message: string; retryable: boolean } }
}

const REFUSED = { code: 'busy', message: 'it is busy', retryable: true }

/** The answer to a call that was polled for: outcomes are reported, as `listen` does; the rest is nothing to anybody. */
export class Callback implements Line {
  readonly #call: Pick<Report, 'attempt' | 'run'>
  readonly #onReport: (report: Report) => void

  constructor({ attempt, run }: Pick<Report, 'attempt' | 'run'>, onReport: (report: Report) => void) {
    this.#call = { attempt, run }
    this.#onReport = onReport
  }

  reply(status: number, _headers: Record<string, string>, text: string): void {
    if (status === 503) this.#onReport({ ...this.#call, said: { outcome: 'refused', error: REFUSED } })
    if (status !== 200) return
    const { data } = JSON.parse(text) as { data: Said }
    const { outcome, error } = data
    this.#onReport({ ...this.#call, said: { outcome, ...(error && { error }) } })
  }

  reset(): void {
    // Whoever polls has no connection that could break.
  }
}
