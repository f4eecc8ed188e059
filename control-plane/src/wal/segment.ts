import { encodeBody, HEADER_BYTES, hardStateBytes, readU64, viewOf, writeU64, type RawRecord } from './record.ts'
import type { HardState } from './wal.ts'

const MAGIC = 0x4c41_5743 // "CWAL"
const HEAD_BODY_BYTES = 24

/** One file of the log. Sequence numbers have no holes; a file gets its name only once its head is durable. */
export interface Segment {
  sequence: number
  /** Of its first entry, or of the next one while it has none. */
  firstIndex: number
  lastIndex: number
  mark: number
  /** Where the next record goes. */
  end: number
  /** Size of the file, allocated before it was used. */
  bytes: number
}

export interface SegmentHead {
  sequence: number
  /** Size of the file: a shorter one has been cut. */
  bytes: number
  /** Index that follows the segment before. */
  firstIndex: number
  /** CRC of the last record of the segment before: says where that one ends. */
  previous: number
  mark: number
  hardState: HardState
}

export function segmentName(sequence: number): string {
  return `${sequence.toString(16).padStart(16, '0')}.wal`
}

/** Sequence number of a segment's name, or undefined for any other file. */
export function sequenceOf(name: string): number | undefined {
  return /^[0-9a-f]{16}\.wal$/.test(name) ? Number.parseInt(name.slice(0, 16), 16) : undefined
}

export function headBytes(hardState: HardState): number {
  return HEADER_BYTES + hardStateBytes(hardState) + HEAD_BODY_BYTES
}

/** The first record of a segment and its CRC. */
export function encodeHead(head: SegmentHead): { bytes: Buffer; crc: number } {
  const body = Buffer.alloc(HEAD_BODY_BYTES)
  const view = viewOf(body)
  view.setUint32(0, MAGIC, true)
  writeU64(view, 8, head.sequence)
  writeU64(view, 16, head.bytes)
  const bytes = Buffer.alloc(headBytes(head.hardState))
  const { previous, mark, hardState } = head
  const crc = encodeBody(bytes, { type: 'head', previous, mark, count: 0, index: head.firstIndex, hardState }, body)
  return { bytes, crc }
}

/** What the first record of a segment says, or undefined when it is no head. */
export function decodeHead(record: RawRecord): SegmentHead | undefined {
  const { type, body, hardState, previous, mark, index } = record
  if (type !== 'head' || hardState === undefined || body.length !== HEAD_BODY_BYTES) return undefined
  if (body.readUInt32LE(0) !== MAGIC) return undefined
  return { sequence: readU64(body, 8), bytes: readU64(body, 16), firstIndex: index, previous, mark, hardState }
}
