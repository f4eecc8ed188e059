import { crc32 } from 'node:zlib'
import type { Membership } from '../raft/types.ts'

/*
 * A state on its way, over the wire or in a file. Little endian; after eight bytes of magic, frames:
 *
 *   0 u32 length   bytes of the body
 *   4 u32 crc32    of type and body, going on from the CRC of the frame before: a frame that is lost, doubled or moved shows
 *   8 u8  type     1 header, 2 rows, 3 trailer
 *   9     body     header and trailer: JSON; rows: u16 length of the key, u32 length of the value, key, value; again
 *
 * Rows come in ascending order of their keys. Values are as they lie on disk, with their own checksums.
 */
const MAGIC = Buffer.from('CRNCLAV\u0001', 'latin1')
const FRAME_HEAD_BYTES = 9
const ROW_HEAD_BYTES = 6
const TYPES = { header: 1, rows: 2, trailer: 3 } as const

/** Version of this layout that this build writes, and the only one that it reads. */
export const STATE_FORMAT = 1

/** Bytes of rows after which a frame is closed. */
const CHUNK_BYTES = 512 * 1024
/** Bytes of a frame at most: a reader's memory is bounded by it. A value is bounded by an entry of the log. */
const FRAME_BYTES_MAX = 32 * 1024 * 1024

/** What a stream begins with. */
export interface StateHeader {
  format: number
  /** Id of the cluster that it is the state of. */
  cluster: string
  /** The place in the log that it reflects. */
  index: number
  term: number
  membership?: Membership
  clusterVersion: number
  /** Version of the time zone database of the node that wrote it. */
  tzdata: string
}

/** What a stream ends with. */
export interface StateTrailer {
  rows: number
  /** Of keys and values. */
  bytes: number
}

export type StateRow = readonly [key: string, value: Uint8Array]

export type StateFrame =
  | { type: 'header'; header: StateHeader }
  | { type: 'rows'; rows: Iterable<readonly [key: Uint8Array, value: Uint8Array]>; count: number }
  | { type: 'trailer'; trailer: StateTrailer }

/** The stream is not whole, or not what a build of Cronclave wrote. */
export class BrokenState extends Error {
  override name = 'BrokenState'
}

/** A state as chunks of about half a MiB. */
export async function* encodeState(
  header: StateHeader,
  entries: AsyncIterable<readonly StateRow[]>,
): AsyncGenerator<Uint8Array> {
  const seal = new Sealer()
  yield Buffer.concat([MAGIC, seal.json('header', header)])
  const trailer: StateTrailer = { rows: 0, bytes: 0 }
  let chunk = emptyChunk(0)
  let at = FRAME_HEAD_BYTES
  for await (const rows of entries) {
    for (const [key, value] of rows) {
      const most = ROW_HEAD_BYTES + key.length * 3 + value.length
      if (at + most > chunk.length) {
        if (at > FRAME_HEAD_BYTES) yield seal.frame('rows', chunk.subarray(0, at))
        chunk = emptyChunk(most)
        at = FRAME_HEAD_BYTES
      }
      const keyBytes = chunk.write(key, at + ROW_HEAD_BYTES)
      chunk.writeUInt16LE(keyBytes, at)
      chunk.writeUInt32LE(value.length, at + 2)
      chunk.set(value, at + ROW_HEAD_BYTES + keyBytes)
      at += ROW_HEAD_BYTES + keyBytes + value.length
      trailer.rows += 1
      trailer.bytes += keyBytes + value.length
    }
  }
  if (at > FRAME_HEAD_BYTES) yield seal.frame('rows', chunk.subarray(0, at))
  yield seal.json('trailer', trailer)
}

/**
 * The frames of a stream, each checked, however the bytes were cut on their way. Throws `BrokenState` for anything but a
 * whole stream: header first, trailer last, and as many rows as that says.
 */
export async function* decodeState(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StateFrame> {
  const bytes = new Gathered(chunks)
  try {
    yield* framesOf(bytes)
  } finally {
    await bytes.end()
  }
}

async function* framesOf(bytes: Gathered): AsyncGenerator<StateFrame> {
  const magic = await bytes.take(MAGIC.length)
  if (!magic?.equals(MAGIC)) throw new BrokenState('it does not begin as a state of Cronclave does')
  const seen: StateTrailer = { rows: 0, bytes: 0 }
  let chain = 0
  for (let number = 0; ; number++) {
    const head = await bytes.take(FRAME_HEAD_BYTES)
    const length = head?.readUInt32LE(0) ?? 0
    if (length > FRAME_BYTES_MAX) throw new BrokenState(`frame ${number} claims ${length} bytes`)
    const crc = head?.readUInt32LE(4)
    const type = head?.[8]
    const body = head && (await bytes.take(length))
    if (!body || type === undefined) throw new BrokenState(`it is cut off in frame ${number}`)
    chain = crc32(body, crc32(Buffer.of(type), chain))
    if (chain !== crc) throw new BrokenState(`the checksum of frame ${number} does not match`)
    if ((number === 0) !== (type === TYPES.header)) throw new BrokenState(`frame ${number} is out of place`)
    const frame = decodeFrame(type, body, seen)
    yield frame
    if (frame.type !== 'trailer') continue
    if (await bytes.take(1)) throw new BrokenState('something follows its end')
    return
  }
}

function decodeFrame(type: number, body: Buffer, seen: StateTrailer): StateFrame {
  if (type === TYPES.header) {
    const header = JSON.parse(body.toString()) as StateHeader
    if (header.format !== STATE_FORMAT)
      throw new BrokenState(`it is of format ${header.format}, and this build knows ${STATE_FORMAT}`)
    return { type: 'header', header }
  }
  if (type === TYPES.trailer) {
    const trailer = JSON.parse(body.toString()) as StateTrailer
    if (trailer.rows !== seen.rows || trailer.bytes !== seen.bytes)
      throw new BrokenState(`it has ${seen.rows} rows of ${trailer.rows}`)
    return { type: 'trailer', trailer }
  }
  const rows = rowsIn(body)
  if (type !== TYPES.rows || !rows) throw new BrokenState('a frame cannot be read')
  seen.rows += rows.length
  for (const [key, value] of rows) seen.bytes += key.length + value.length
  return { type: 'rows', rows, count: rows.length }
}

function rowsIn(body: Buffer): (readonly [Buffer, Buffer])[] | undefined {
  const rows: (readonly [Buffer, Buffer])[] = []
  let at = 0
  while (at + ROW_HEAD_BYTES <= body.length) {
    const keyAt = at + ROW_HEAD_BYTES
    const valueAt = keyAt + body.readUInt16LE(at)
    const end = valueAt + body.readUInt32LE(at + 2)
    if (end > body.length) return undefined
    rows.push([body.subarray(keyAt, valueAt), body.subarray(valueAt, end)])
    at = end
  }
  return at === body.length ? rows : undefined
}

/** Room for one more row than is needed to fill a chunk. */
function emptyChunk(row: number): Buffer {
  return Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + Math.max(CHUNK_BYTES, row))
}

/** Fills in the heads of frames, each going on from the one before. */
class Sealer {
  #chain = 0

  frame(type: keyof typeof TYPES, frame: Buffer): Buffer {
    frame[8] = TYPES[type]
    this.#chain = crc32(frame.subarray(8), this.#chain)
    frame.writeUInt32LE(frame.length - FRAME_HEAD_BYTES, 0)
    frame.writeUInt32LE(this.#chain, 4)
    return frame
  }

  json(type: keyof typeof TYPES, value: unknown): Buffer {
    return this.frame(type, Buffer.concat([Buffer.alloc(FRAME_HEAD_BYTES), Buffer.from(JSON.stringify(value))]))
  }
}

/** Bytes of a stream in the lengths in which they are asked for. */
class Gathered {
  readonly #chunks: AsyncIterator<Uint8Array>
  #waiting: Buffer[] = []
  #length = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next `length` bytes, or undefined when the stream ends before. */
  async take(length: number): Promise<Buffer | undefined> {
    while (this.#length < length) {
      const { done, value } = await this.#chunks.next().catch((cause: unknown) => {
        throw new BrokenState('it broke off', { cause })
      })
      if (done) return undefined
      this.#waiting.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      this.#length += value.byteLength
    }
    const [first] = this.#waiting
    const whole = first && first.length >= length ? first : Buffer.concat(this.#waiting)
    if (whole !== first) this.#waiting = [whole]
    this.#length -= length
    if (whole.length === length) this.#waiting.shift()
    else this.#waiting[0] = whole.subarray(length)
    return whole.subarray(0, length)
  }

  /** Tells the source that nothing more is wanted. */
  async end(): Promise<void> {
    await this.#chunks.return?.()
  }
}
