/** Of n places with a score each, the one with the greatest; of equals the first. A change costs a logarithm. */
export class Tournament {
  readonly #leaves: number
  readonly #scores: Float64Array
  /** The winner below each inner node; leaves follow from `#leaves` on. */
  readonly #winners: Int32Array

  constructor(scores: ArrayLike<number>) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(scores.length, 2)))
    this.#scores = new Float64Array(this.#leaves).fill(Number.NEGATIVE_INFINITY)
    this.#scores.set(Array.from(scores))
    this.#winners = new Int32Array(this.#leaves * 2)
    for (let place = 0; place < this.#leaves; place++) this.#winners[this.#leaves + place] = place
    for (let node = this.#leaves - 1; node >= 1; node--) this.#play(node)
  }

  set(place: number, score: number): void {
    if (this.#scores[place] === score) return
    this.#scores[place] = score
    for (let node = (this.#leaves + place) >> 1; node >= 1; node >>= 1) this.#play(node)
  }

  get winner(): number {
    return this.#winners[1] ?? 0
  }

  #play(node: number): void {
    const left = this.#winners[node * 2] ?? 0
    const right = this.#winners[node * 2 + 1] ?? 0
    this.#winners[node] = (this.#scores[right] ?? 0) > (this.#scores[left] ?? 0) ? right : left
  }
}
