import {
  encodeBody,
  HEADER_BYTES,
  hardStateBytes,
  padded,
  type RawRecord,
  readU64,
  viewOf,
  writeU64,
} from './record.ts'
import type { Places } from './places.ts'
import type { HardState, WalIdentity, WalSnapshot } from './wal.ts'

/*
 * The body of a head, after the hard state:
 *
 *    0 u32 magic
 *    4 u32 flags           1 voids everything before it, 2 there is a snapshot
 *    8 u64 sequence
 *   16 u64 bytes           of the file
 *   24 u64 previous end    where the records of the segment before end
 *   32 u64 previous term   of the entry before the first
 *   40 u64 snapshot index
 *   48 u64 snapshot term
 *   56 u32 × 4             lengths of what follows, padded to 8 as a whole
 *   72     cluster, member, name of the state folder, membership
 */
const MAGIC = 0x4c41_5743 // "CWAL"
const FIXED_BYTES = 72
const VOIDS = 1
const SNAPSHOT = 2

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
  places: Places
}

export interface SegmentHead {
  sequence: number
  /** Size of the file: a shorter one has been cut. */
  bytes: number
  /** Follows the segment before, or overwrites its entries from here on. */
  firstIndex: number
  /** Term of the entry before the first. */
  previousTerm: number
  /** CRC of the last record of the segment before, and where that ends. */
  previous: number
  previousEnd: number
  mark: number
  hardState: HardState
  /** Nothing before this segment counts. */
  voids: boolean
  snapshot: WalSnapshot | undefined
  identity: WalIdentity
}

export function segmentName(sequence: number): string {
  return `${sequence.toString(16).padStart(16, '0')}.wal`
}

/** Sequence number of a segment's name, or undefined for any other file. */
export function sequenceOf(name: string): number | undefined {
  return /^[0-9a-f]{16}\.wal$/.test(name) ? Number.parseInt(name.slice(0, 16), 16) : undefined
}

/** The first record of a segment and its CRC. */
export function encodeHead(head: SegmentHead): { bytes: Buffer; crc: number } {
  const { snapshot, identity, previous, mark, hardState, firstIndex } = head
  const parts = [identity.cluster, identity.member, snapshot?.stateFolder ?? ''].map((text) => Buffer.from(text))
  parts.push(Buffer.from(snapshot?.membership ?? []))
  const length = parts.reduce((sum, part) => sum + part.length, FIXED_BYTES)
  const body = Buffer.alloc(padded(length))
  const view = viewOf(body)
  view.setUint32(0, MAGIC, true)
  view.setUint32(4, (head.voids ? VOIDS : 0) + (snapshot === undefined ? 0 : SNAPSHOT), true)
  const numbers = [head.sequence, head.bytes, head.previousEnd, head.previousTerm]
  numbers.push(snapshot?.index ?? 0, snapshot?.term ?? 0)
  for (const [at, number] of numbers.entries()) writeU64(view, 8 + at * 8, number)
  let offset = FIXED_BYTES
  for (const [at, part] of parts.entries()) {
    view.setUint32(56 + at * 4, part.length, true)
    offset += part.copy(body, offset)
  }
  const bytes = Buffer.alloc(HEADER_BYTES + hardStateBytes(hardState) + body.length)
  const crc = encodeBody(bytes, { type: 'head', previous, mark, count: 0, index: firstIndex, hardState }, body)
  return { bytes, crc }
}

/** What the first record of a segment says, or undefined when it is no head. */
export function decodeHead(record: RawRecord): SegmentHead | undefined {
  const { type, body, hardState, previous, mark, index } = record
  if (type !== 'head' || hardState === undefined || body.length < FIXED_BYTES) return undefined
  if (body.readUInt32LE(0) !== MAGIC) return undefined
  const flags = body.readUInt32LE(4)
  const parts = partsOf(body)
  if (parts === undefined) return undefined
  const [cluster, member, stateFolder, membership] = parts
  return {
    sequence: readU64(body, 8),
    bytes: readU64(body, 16),
    firstIndex: index,
    previousTerm: readU64(body, 32),
    previous,
    previousEnd: readU64(body, 24),
    mark,
    hardState,
    voids: (flags & VOIDS) !== 0,
    identity: { cluster: cluster.toString(), member: member.toString() },
    snapshot:
      (flags & SNAPSHOT) === 0
        ? undefined
        : {
            index: readU64(body, 40),
            term: readU64(body, 48),
            stateFolder: stateFolder.toString(),
            membership: Uint8Array.from(membership),
          },
  }
}

function partsOf(body: Buffer): [Buffer, Buffer, Buffer, Buffer] | undefined {
  let offset = FIXED_BYTES
  const part = (at: number): Buffer => body.subarray(offset, (offset += body.readUInt32LE(56 + at * 4)))
  const parts: [Buffer, Buffer, Buffer, Buffer] = [part(0), part(1), part(2), part(3)]
  return padded(offset) === body.length ? parts : undefined
}
