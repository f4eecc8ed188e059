/** Keys in one run of the list, at most; a longer one is cut in two. */
const RUN_MAX = 1024

/** Keys in the order of JavaScript's `<`. Adding and removing one moves a few hundred references, however many there are. */
export class OrderedKeys {
  readonly #runs: string[][] = []

  constructor(keys: Iterable<string>) {
    const all = [...keys].sort(compare)
    for (let at = 0; at < all.length; at += RUN_MAX / 2) this.#runs.push(all.slice(at, at + RUN_MAX / 2))
  }

  add(key: string): void {
    if (this.#runs.length === 0) this.#runs.push([])
    const at = this.#runAt(key)
    const run = this.#runs[at] as string[]
    const place = lowerBound(run, key)
    if (run[place] === key) return
    run.splice(place, 0, key)
    if (run.length > RUN_MAX) this.#runs.splice(at + 1, 0, run.splice(RUN_MAX / 2))
  }

  delete(key: string): void {
    const at = this.#runAt(key)
    const run = this.#runs[at]
    if (!run) return
    const place = lowerBound(run, key)
    if (run[place] !== key) return
    run.splice(place, 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** The keys from `key` on, that one included, as they stand while this is read: not to be held over a turn. */
  *from(key: string): Generator<string> {
    let at = this.#runAt(key)
    let place = lowerBound(this.#runs[at] ?? [], key)
    for (; at < this.#runs.length; at++, place = 0) {
      const run = this.#runs[at] as string[]
      for (; place < run.length; place++) yield run[place] as string
    }
  }

  /** The last run that begins at or before the key, or the first one. */
  #runAt(key: string): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#runs[middle]?.[0] ?? '') <= key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}

function lowerBound(run: readonly string[], key: string): number {
  let low = 0
  let high = run.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((run[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
