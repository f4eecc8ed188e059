/** Weights of n places, their sum, and which place a share of the sum falls on: a Fenwick tree, a logarithm each. */
export class WeightTree {
  readonly #weights: Float64Array
  readonly #sums: Float64Array
  #total = 0

  constructor(weights: ArrayLike<number>) {
    const size = weights.length
    this.#weights = Float64Array.from(weights)
    this.#sums = new Float64Array(size + 1)
    for (let at = 1; at <= size; at++) {
      const weight = this.#weights[at - 1] ?? 0
      this.#total += weight
      this.#sums[at] = (this.#sums[at] ?? 0) + weight
      const above = at + (at & -at)
      if (above <= size) this.#sums[above] = (this.#sums[above] ?? 0) + (this.#sums[at] ?? 0)
    }
  }

  set(place: number, weight: number): void {
    const change = weight - (this.#weights[place] ?? 0)
    if (change === 0) return
    this.#weights[place] = weight
    this.#total += change
    for (let at = place + 1; at < this.#sums.length; at += at & -at) this.#sums[at] = (this.#sums[at] ?? 0) + change
  }

  /** The place that the part `share`, in [0, 1), of all weight falls on; each as likely as it is heavy. */
  at(share: number): number | undefined {
    if (this.#total <= 0) return undefined
    let left = Math.floor(share * this.#total)
    let place = 0
    for (let step = 2 ** Math.floor(Math.log2(this.#sums.length)); step >= 1; step /= 2) {
      const sum = this.#sums[place + step]
      if (sum === undefined || sum > left) continue
      place += step
      left -= sum
    }
    return place
  }
}
