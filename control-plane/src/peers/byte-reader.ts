import { FrameFault } from './frame.ts'

/** Reads what `FrameWriter` wrote. Whatever does not fit is a `FrameFault`. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  /** A whole number up to 2^53−1. */
  u64(): number {
    const at = this.#take(8)
    const [low, high] = [this.#bytes.readUInt32LE(at), this.#bytes.readUInt32LE(at + 4)]
    if (high === 0) return low
    const value = low + high * 0x1_0000_0000
    if (value > Number.MAX_SAFE_INTEGER) throw new FrameFault('a number beyond 2^53−1')
    return value
  }

  f64(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  boolean(): boolean {
    const value = this.u8()
    if (value > 1) throw new FrameFault(`${value} where there is a yes or no`)
    return value === 1
  }

  /** A view. */
  bytes(): Buffer {
    const length = this.u32()
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  text(): string {
    const length = this.u32()
    const at = this.#take(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  /** As many values as a count says, each at least `bytesMin` long, so that a count cannot claim more than there is. */
  list<T>(bytesMin: number, read: () => T): T[] {
    const count = this.u32()
    if (count * bytesMin > this.#bytes.length - this.#at) throw new FrameFault('a list longer than its frame')
    const values: T[] = []
    for (let i = 0; i < count; i++) values.push(read())
    return values
  }

  /** Everything that is left, a view. */
  rest(): Buffer {
    const at = this.#at
    this.#at = this.#bytes.length
    return this.#bytes.subarray(at)
  }

  /** Nothing may be left over. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new FrameFault('more in a frame than belongs there')
  }

  #take(count: number): number {
    const at = this.#at
    if (count > this.#bytes.length - at) throw new FrameFault('a frame that ends early')
    this.#at = at + count
    return at
  }
}
