import { isBefore } from '../state/sinks.ts'
import type { LogRow, RowMark } from './row.ts'
import type { RowNumbers } from './row-numbers.ts'
import { rowSum } from './row-sum.ts'
import type { Sequence } from './sink.ts'

/** Holds the rows of one kind in one hour against what a sink has, one by one: both come in order, and some at a time. */
export class HourComparison {
  /** Rows of the ledger, and of those what the sink has as they are. */
  ledger = 0
  sink = 0
  /** Rows of the sink that the ledger never had. */
  extra = 0
  readonly #marks: AsyncIterator<readonly RowMark[]>
  readonly #numbers: Pick<RowNumbers, 'mayHave'>
  #page: readonly RowMark[] = []
  #at = 0

  constructor(marks: AsyncIterable<readonly RowMark[]>, numbers: Pick<RowNumbers, 'mayHave'>) {
    this.#marks = marks[Symbol.asyncIterator]()
    this.#numbers = numbers
  }

  /** Takes the next row of the ledger. */
  async take(row: LogRow): Promise<void> {
    this.ledger += 1
    const { sequence } = row.row
    for (;;) {
      const mark = this.#page[this.#at] ?? (await this.#turnPage())
      if (!mark || isBefore(sequence, placeOf(mark))) return
      this.#at += 1
      if (!isBefore(placeOf(mark), sequence)) {
        if (mark[2] === rowSum(row)) this.sink += 1
        return
      }
      await this.#note(mark)
    }
  }

  /** Looks at what the sink has behind the last row of the ledger. */
  async finish(signal: AbortSignal): Promise<void> {
    for (;;) {
      const mark = this.#page[this.#at] ?? (await this.#turnPage())
      if (!mark || signal.aborted) return
      this.#at += 1
      await this.#note(mark)
    }
  }

  async close(): Promise<void> {
    await this.#marks.return?.()
  }

  /** What has left the ledger is there still, and is right. */
  async #note(mark: RowMark): Promise<void> {
    if (!(await this.#numbers.mayHave(placeOf(mark)))) this.extra += 1
  }

  async #turnPage(): Promise<RowMark | undefined> {
    for (;;) {
      const { done, value } = await this.#marks.next()
      this.#page = done === true ? [] : value
      this.#at = 0
      if (done === true || value.length > 0) return this.#page[0]
    }
  }
}

function placeOf([index, ordinal]: RowMark): Sequence {
  return [index, ordinal]
}
