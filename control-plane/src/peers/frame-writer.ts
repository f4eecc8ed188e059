import { assert } from '../runtime/assert.ts'
import { FRAME_BYTES_MAX, FRAME_HEAD_BYTES, frameCrc } from './frame.ts'

const BLOCK_BYTES = 64 * 1024

/** Writes frames one behind the other into blocks of memory, so that a turn's frames are handed over in one piece. */
export class FrameWriter {
  #block = Buffer.alloc(0)
  #view = new DataView(this.#block.buffer, 0, 0)
  /** Where what was not taken yet begins, and where the frame under way does. */
  #from = 0
  #frame = 0
  #at = 0
  #full: Buffer[] = []
  #fullBytes = 0

  /** Bytes of complete frames that were not taken. */
  get pending(): number {
    return this.#fullBytes + this.#frame - this.#from
  }

  begin(type: number): this {
    this.#at = this.#frame
    this.#need(FRAME_HEAD_BYTES)
    this.#block[this.#at + 4] = type
    this.#at += FRAME_HEAD_BYTES
    return this
  }

  /** Ends the frame that was begun; false when it is too long, and then it was never begun. */
  end(): boolean {
    const head = this.#frame
    const start = head + FRAME_HEAD_BYTES
    assert(this.#at >= start, 'a frame is begun before it is ended')
    const length = this.#at - start
    if (length > FRAME_BYTES_MAX) {
      this.#at = head
      return false
    }
    this.#view.setUint32(head, length, true)
    const type = this.#block[head + 4] as number
    this.#view.setUint32(head + 5, frameCrc(type, this.#block.subarray(start, this.#at)), true)
    this.#frame = this.#at
    return true
  }

  /** The complete frames, in order. */
  take(): Buffer[] {
    const blocks = this.#full
    if (this.#frame > this.#from) blocks.push(this.#block.subarray(this.#from, this.#frame))
    this.#full = []
    this.#fullBytes = 0
    this.#from = this.#frame
    return blocks
  }

  u8(value: number): this {
    this.#need(1)
    this.#block[this.#at++] = value
    return this
  }

  u32(value: number): this {
    this.#need(4)
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
    return this
  }

  /** A whole number from 0 to 2^53−1. */
  u64(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, 'a number that is sent is whole and not negative')
    this.#need(8)
    this.#view.setUint32(this.#at, value >>> 0, true)
    this.#view.setUint32(this.#at + 4, Math.floor(value / 0x1_0000_0000), true)
    this.#at += 8
    return this
  }

  f64(value: number): this {
    this.#need(8)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
    return this
  }

  boolean(value: boolean): this {
    return this.u8(value ? 1 : 0)
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): this {
    return this.u32(value.length).raw(value)
  }

  raw(value: Uint8Array): this {
    this.#need(value.length)
    this.#block.set(value, this.#at)
    this.#at += value.length
    return this
  }

  text(value: string): this {
    if (value === '') return this.u32(0)
    return this.bytes(Buffer.from(value, 'utf8'))
  }

  #need(count: number): void {
    if (this.#at + count > this.#block.length) this.#nextBlock(count)
  }

  /** Goes on in a new block, with the frame under way at its start. */
  #nextBlock(count: number): void {
    const written = this.#at - this.#frame
    const block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, written * 2 + count))
    this.#block.copy(block, 0, this.#frame, this.#at)
    if (this.#frame > this.#from) {
      this.#full.push(this.#block.subarray(this.#from, this.#frame))
      this.#fullBytes += this.#frame - this.#from
    }
    this.#block = block
    this.#view = new DataView(block.buffer, block.byteOffset, block.length)
    this.#from = 0
    this.#frame = 0
    this.#at = written
  }
}
