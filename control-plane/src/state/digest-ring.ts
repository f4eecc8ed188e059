/** Indexes between two digests that are kept for comparison. */
export const DIGEST_EVERY = 1024
/** Digests that are kept. */
const DIGESTS_MAX = 64

/** Digests at every 1,024th index, the newest few: what members compare. */
export class DigestRing {
  readonly #digests = new Map<number, number>()

  /** To be called with every index that is applied. */
  note(index: number, digest: number): void {
    if (index % DIGEST_EVERY !== 0) return
    this.#digests.set(index, digest)
    for (const oldest of this.#digests.keys()) {
      if (this.#digests.size <= DIGESTS_MAX) return
      this.#digests.delete(oldest)
    }
  }

  /** After the state was replaced: what came before it says nothing about it. */
  clear(): void {
    this.#digests.clear()
  }

  at(index: number): number | undefined {
    return this.#digests.get(index)
  }

  /** The newest that is known here. */
  get newest(): { index: number; digest: number } | undefined {
    let newest: { index: number; digest: number } | undefined
    for (const [index, digest] of this.#digests) newest = { index, digest }
    return newest
  }

  /** Oldest first. */
  entries(): { index: number; digest: number }[] {
    return [...this.#digests].map(([index, digest]) => ({ index, digest }))
  }

  /** The first index at which somebody else's digests are not these; undefined when none is. */
  differsFrom(others: readonly { index: number; digest: number }[]): number | undefined {
    return others.find(({ index, digest }) => (this.#digests.get(index) ?? digest) !== digest)?.index
  }
}
