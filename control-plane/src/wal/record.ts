import { crc32 } from 'node:zlib'
import type { HardState, WalRecord } from './wal.ts'

/*
 * One write to the disk is one record, so a write that a crash tore leaves nothing valid behind it. Little endian:
 *
 *    0 u32 length      bytes of the body, a multiple of 8
 *    4 u32 crc32       of everything from byte 8 to the end of the body
 *    8 u32 previous    crc32 of the record before, across segments: the chain
 *   12 u32 mark        drawn anew for each use of a segment: what a recycled file held before is told apart at once
 *   16 u8  type        1 head of a segment, 2 entries
 *   17 u8  version     of this layout
 *   18 u16 hard state  bytes of the hard state that opens the body, 0 for none
 *   20 u32 count       entries in the body
 *   24 u64 index       of the first entry, or of the next one when there is none
 *   32     body        hard state (u64 term, u64 commit, u16 length, vote), then for a head its fields, otherwise the
 *                      entries: u32 length, u32 zero, u64 term, payload; each padded to 8
 *
 * Because `previous` lies inside, a record can be checked on its own (crc32 and mark) and against its place (previous).
 */
export const HEADER_BYTES = 32
const ENTRY_BYTES = 16
const VERSION = 2
const TYPES = { head: 1, entries: 2 } as const

/** Bytes of one record at most, so that a reader's memory is bounded. */
export const RECORD_BYTES_MAX = 16 * 1024 * 1024

export type RecordType = keyof typeof TYPES

/** What stands in a record besides its body. */
export interface RecordHead {
  type: RecordType
  previous: number
  mark: number
  count: number
  index: number
  hardState: HardState | undefined
}

/** A record that is whole: its CRC holds and its parts fill its length exactly. */
export interface RawRecord extends RecordHead {
  crc: number
  /** Bytes on disk. */
  bytes: number
  /** The body after the hard state, a view. */
  body: Buffer
}

export function entryBytes(payload: Uint8Array): number {
  return ENTRY_BYTES + padded(payload.length)
}

export function hardStateBytes(hardState: HardState | undefined): number {
  return hardState === undefined ? 0 : padded(18 + Buffer.byteLength(hardState.vote))
}

/** Fills `target` from its start with a record of entries and returns its CRC; `target` is exactly as long as it. */
export function encodeEntries(target: Buffer, head: RecordHead, entries: readonly WalRecord[], from: number): number {
  const view = viewOf(target)
  let offset = writeHead(target, view, head)
  for (let i = from; i < from + head.count; i++) {
    const { term, payload } = entries[i]!
    view.setUint32(offset, payload.length, true)
    view.setUint32(offset + 4, 0, true)
    writeU64(view, offset + 8, term)
    target.set(payload, offset + ENTRY_BYTES)
    const end = offset + ENTRY_BYTES + payload.length
    offset = padded(end)
    if (end !== offset) target.fill(0, end, offset)
  }
  return seal(target, view)
}

/** Fills `target` with a record whose body is given, and returns its CRC. */
export function encodeBody(target: Buffer, head: RecordHead, body: Uint8Array): number {
  const view = viewOf(target)
  const offset = writeHead(target, view, head)
  target.set(body, offset)
  return seal(target, view)
}

/** Length on disk that the header at the start of `bytes` claims, or 0 when no record of this segment can begin so. */
export function claimedBytes(bytes: Buffer, mark: number | undefined, room: number): number {
  if (bytes.length < HEADER_BYTES) return 0
  const total = HEADER_BYTES + bytes.readUInt32LE(0)
  if (total % 8 !== 0 || total > room || total > RECORD_BYTES_MAX) return 0
  return mark === undefined || bytes.readUInt32LE(12) === mark ? total : 0
}

/** The record that `bytes` are, or undefined when a single bit of it is wrong. */
export function decodeRecord(bytes: Buffer): RawRecord | undefined {
  const crc = bytes.readUInt32LE(4)
  if (crc32(bytes.subarray(8)) !== crc || bytes[17] !== VERSION) return undefined
  const type = bytes[16] === TYPES.head ? 'head' : bytes[16] === TYPES.entries ? 'entries' : undefined
  const hardStateLength = bytes.readUInt16LE(18)
  if (type === undefined || HEADER_BYTES + hardStateLength > bytes.length) return undefined
  return {
    type,
    crc,
    bytes: bytes.length,
    previous: bytes.readUInt32LE(8),
    mark: bytes.readUInt32LE(12),
    count: bytes.readUInt32LE(20),
    index: readU64(bytes, 24),
    hardState: hardStateLength === 0 ? undefined : readHardState(bytes),
    body: bytes.subarray(HEADER_BYTES + hardStateLength),
  }
}

/** The entries of a record, their payloads views of it; undefined when they do not fill the body exactly. */
export function decodeEntries(record: RawRecord): WalRecord[] | undefined {
  const { body, count, index } = record
  const entries: WalRecord[] = []
  let offset = 0
  for (let i = 0; i < count; i++) {
    if (offset + ENTRY_BYTES > body.length) return undefined
    const start = offset + ENTRY_BYTES
    const end = start + body.readUInt32LE(offset)
    if (end > body.length) return undefined
    entries.push({ index: index + i, term: readU64(body, offset + 8), payload: body.subarray(start, end) })
    offset = padded(end)
  }
  return offset === body.length ? entries : undefined
}

export function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}

export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value >>> 0, true)
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true)
}

export function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x1_0000_0000
}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Everything before the entries; returns where they begin. */
function writeHead(target: Buffer, view: DataView, head: RecordHead): number {
  const hardState = hardStateBytes(head.hardState)
  view.setUint32(0, target.length - HEADER_BYTES, true)
  view.setUint32(8, head.previous, true)
  view.setUint32(12, head.mark, true)
  view.setUint8(16, TYPES[head.type])
  view.setUint8(17, VERSION)
  view.setUint16(18, hardState, true)
  view.setUint32(20, head.count, true)
  writeU64(view, 24, head.index)
  if (head.hardState !== undefined) writeHardState(target, view, head.hardState, hardState)
  return HEADER_BYTES + hardState
}

function writeHardState(target: Buffer, view: DataView, { term, commit, vote }: HardState, length: number): void {
  writeU64(view, HEADER_BYTES, term)
  writeU64(view, HEADER_BYTES + 8, commit)
  const written = target.write(vote, HEADER_BYTES + 18)
  view.setUint16(HEADER_BYTES + 16, written, true)
  target.fill(0, HEADER_BYTES + 18 + written, HEADER_BYTES + length)
}

function readHardState(bytes: Buffer): HardState {
  const start = HEADER_BYTES + 18
  return {
    term: readU64(bytes, HEADER_BYTES),
    commit: readU64(bytes, HEADER_BYTES + 8),
    vote: bytes.toString('utf8', start, start + bytes.readUInt16LE(HEADER_BYTES + 16)),
  }
}

function seal(target: Buffer, view: DataView): number {
  const crc = crc32(target.subarray(8))
  view.setUint32(4, crc, true)
  return crc
}
