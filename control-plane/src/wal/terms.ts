import { assert } from '../runtime/assert.ts'
import { lastAtOrBelow } from './search.ts'

/** Terms of a log by index: one run per term, since terms only grow along a log. */
export class Terms {
  /** The first run stands for the index before the log. */
  #runs: { index: number; term: number }[] = [{ index: 0, term: 0 }]
  #last = 0

  get lastTerm(): number {
    return this.#runs.at(-1)!.term
  }

  /** Term from the index before the first entry up to the last entry; undefined for any other. */
  at(index: number): number | undefined {
    if (index > this.#last) return undefined
    return this.#runs[lastAtOrBelow(this.#runs, index)]?.term
  }

  push(index: number, term: number): void {
    const { lastTerm } = this
    assert(index === this.#last + 1 && term >= lastTerm, 'entries follow in the log, and so do their terms')
    this.#last = index
    if (term !== lastTerm) this.#runs.push({ index, term })
  }

  /** Forgets the entries from `from` on. */
  truncate(from: number): void {
    assert(from > this.#runs[0]!.index, `what is before the log is not overwritten: index ${from}`)
    while (this.#runs.at(-1)!.index >= from) this.#runs.pop()
    this.#last = Math.min(this.#last, from - 1)
  }

  /** Forgets the entries below `firstIndex`, all but the term of the one before it. */
  compact(firstIndex: number): void {
    const at = lastAtOrBelow(this.#runs, firstIndex - 1)
    const term = this.#runs[at]!.term
    this.#runs.splice(0, at + 1, { index: firstIndex - 1, term })
  }

  /** Begins anew after an entry of which nothing but its place is known. */
  restart(index: number, term: number): void {
    this.#runs = [{ index, term }]
    this.#last = index
  }
}
