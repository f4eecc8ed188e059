import type { FileHandle } from './file-system.ts'
import { claimedBytes, decodeRecord, HEADER_BYTES, type RawRecord } from './record.ts'

const CHUNK_BYTES = 256 * 1024
const SCAN_BYTES = 1024 * 1024

/** Reads the records of one file in order, a chunk at a time: memory is bounded by a chunk and one record. */
export class RecordReader {
  readonly #handle: FileHandle
  /** Bytes of the file to look at. */
  readonly #size: number
  #chunk: Buffer = Buffer.alloc(0)
  #start = 0

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.#size = size
  }

  /** The record at `position`, or undefined when there is no whole one with this mark. Without a mark any will do. */
  async at(position: number, mark?: number): Promise<RawRecord | undefined> {
    const header = this.#held(position, HEADER_BYTES) ?? (await this.#load(position, HEADER_BYTES))
    const bytes = claimedBytes(header, mark, this.#size - position)
    if (bytes === 0) return undefined
    const whole = this.#held(position, bytes) ?? (await this.#load(position, bytes))
    return whole.length === bytes ? decodeRecord(whole) : undefined
  }

  /** Position of the first whole record with this mark at or after `from`, at any multiple of 8; undefined for none. */
  async find(from: number, mark: number): Promise<number | undefined> {
    const pattern = Buffer.alloc(4)
    pattern.writeUInt32LE(mark)
    for (let start = from; start + HEADER_BYTES <= this.#size; start += SCAN_BYTES) {
      // Windows overlap by a header, so that no mark is cut in two.
      const length = Math.min(SCAN_BYTES + HEADER_BYTES, this.#size - start)
      const window = asBuffer(await this.#handle.read(start, length))
      for (let hit = window.indexOf(pattern, 12); hit >= 0; hit = window.indexOf(pattern, hit + 1)) {
        const position = start + hit - 12
        if (position % 8 === 0 && (await this.at(position, mark)) !== undefined) return position
      }
    }
    return undefined
  }

  #held(position: number, length: number): Buffer | undefined {
    const offset = position - this.#start
    if (offset < 0 || offset + length > this.#chunk.length) return undefined
    return this.#chunk.subarray(offset, offset + length)
  }

  async #load(position: number, length: number): Promise<Buffer> {
    const wanted = Math.min(Math.max(length, CHUNK_BYTES), this.#size - position)
    this.#chunk = asBuffer(await this.#handle.read(position, Math.max(wanted, 0)))
    this.#start = position
    return this.#chunk.subarray(0, length)
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
