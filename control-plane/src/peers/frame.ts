import { crc32 } from 'node:zlib'

/*
 * What goes over a connection between members, little endian:
 *
 *    0 u32 length   bytes of the body
 *    4 u8  type
 *    5 u32 crc32    of the type and the body
 *    9     body
 */
export const FRAME_HEAD_BYTES = 9
/** Bytes of a body at most; an entry of the log is smaller (a record of the log has at most 16 MiB). */
export const FRAME_BYTES_MAX = 32 * 1024 * 1024
/** Memory of a frame that claims to be large is taken as it arrives, in steps that begin with this. */
const FIRST_STEP_BYTES = 64 * 1024

/** What the other side sent is not what a member sends; the connection ends. */
export class FrameFault extends Error {
  override name = 'FrameFault'
}

/** CRC of a frame: of its type, then of its body. */
export function frameCrc(type: number, body: Uint8Array): number {
  return crc32(body, SEEDS[type])
}

/** Cuts a stream into frames, however it is cut into chunks. A body is a view of the chunk where one holds all of it. */
export class FrameDecoder {
  /** Bytes of a body at most, from the next frame on. */
  bytesMax: number
  readonly #onFrame: (type: number, body: Buffer) => void
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES)
  #headFilled = 0
  #body: Buffer | undefined
  #bodyFilled = 0
  #stopped = false

  constructor(bytesMax: number, onFrame: (type: number, body: Buffer) => void) {
    this.bytesMax = bytesMax
    this.#onFrame = onFrame
  }

  /** Calls `onFrame` for every frame that is complete now. Throws `FrameFault`, and takes nothing more afterwards. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#stopped) {
      if (this.#headFilled === 0 && chunk.length - at >= FRAME_HEAD_BYTES) {
        const end = at + FRAME_HEAD_BYTES + this.#length(chunk, at)
        if (end <= chunk.length) {
          this.#deliver(chunk, at, chunk.subarray(at + FRAME_HEAD_BYTES, end))
          at = end
          continue
        }
      }
      at = this.#headFilled < FRAME_HEAD_BYTES ? this.#fillHead(chunk, at) : this.#fillBody(chunk, at)
    }
  }

  /** Calls `onFrame` no more. */
  stop(): void {
    this.#stopped = true
  }

  #fillHead(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + FRAME_HEAD_BYTES - this.#headFilled)
    this.#headFilled += chunk.copy(this.#head, this.#headFilled, at, end)
    if (this.#headFilled === FRAME_HEAD_BYTES && this.#length(this.#head, 0) === 0) this.#complete(Buffer.alloc(0))
    return end
  }

  #fillBody(chunk: Buffer, at: number): number {
    const length = this.#length(this.#head, 0)
    const end = Math.min(chunk.length, at + length - this.#bodyFilled)
    const body = this.#room(length, this.#bodyFilled + end - at)
    this.#bodyFilled += chunk.copy(body, this.#bodyFilled, at, end)
    if (this.#bodyFilled === length) this.#complete(body)
    return end
  }

  /** The body so far, in memory for at least `needed` bytes: all of it once the sender has sent a good part. */
  #room(length: number, needed: number): Buffer {
    const before = this.#body
    if (before !== undefined && before.length >= needed) return before
    const grown = Buffer.allocUnsafeSlow(Math.min(length, Math.max(FIRST_STEP_BYTES, 8 * needed)))
    before?.copy(grown, 0, 0, this.#bodyFilled)
    this.#body = grown
    return grown
  }

  #complete(body: Buffer): void {
    this.#headFilled = 0
    this.#body = undefined
    this.#bodyFilled = 0
    this.#deliver(this.#head, 0, body)
  }

  #length(head: Buffer, at: number): number {
    const length = head.readUInt32LE(at)
    if (length <= this.bytesMax) return length
    this.stop()
    throw new FrameFault(`a frame of ${length} bytes, and ${this.bytesMax} is the most`)
  }

  #deliver(head: Buffer, at: number, body: Buffer): void {
    const type = head[at + 4] as number
    if (head.readUInt32LE(at + 5) !== frameCrc(type, body)) {
      this.stop()
      throw new FrameFault('a frame whose checksum is wrong')
    }
    this.#onFrame(type, body)
  }
}

const SEEDS = Array.from({ length: 256 }, (_, type) => crc32(Uint8Array.of(type)))
