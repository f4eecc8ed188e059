/** An element of a queue; linked in place, so that one in the middle leaves without a search. */
export interface Queued {
  behind: Queued | undefined
  ahead: Queued | undefined
  in: Queue<Queued> | undefined
}

/** First in, first out; `shiftBack` puts one that came early to the front again. */
export class Queue<T extends Queued> {
  #first: Queued | undefined
  #last: Queued | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    this.#join(item, this.#last, undefined)
  }

  shiftBack(item: T): void {
    this.#join(item, undefined, this.#first)
  }

  shift(): T | undefined {
    const first = this.#first as T | undefined
    if (first) this.remove(first)
    return first
  }

  remove(item: T): void {
    if (item.in !== (this as Queue<Queued>)) return
    if (item.ahead) item.ahead.behind = item.behind
    else this.#first = item.behind
    if (item.behind) item.behind.ahead = item.ahead
    else this.#last = item.ahead
    item.in = undefined
    item.ahead = undefined
    item.behind = undefined
    this.#size--
  }

  #join(item: T, ahead: Queued | undefined, behind: Queued | undefined): void {
    item.in = this
    item.ahead = ahead
    item.behind = behind
    if (ahead) ahead.behind = item
    else this.#first = item
    if (behind) behind.ahead = item
    else this.#last = item
    this.#size++
  }
}
