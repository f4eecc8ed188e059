import { crc32c, unmaskCrc } from './crc32c.ts'

/** Where a file is not what was written, and how one sees it. */
export interface Damage {
  offset: number
  what: string
}

export interface LogRecord {
  offset: number
  payload: Uint8Array
}

const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
const FULL = 1
const FIRST = 2
const LAST = 4

/** A checked piece of a record, or undefined where no valid one begins. */
interface Fragment {
  type: number
  start: number
  end: number
}

/**
 * The records of a file in LevelDB's log format (also that of manifests): blocks of 32 KiB with fragments of [masked
 * crc32c of type and data, u16 length, u8 type]. An end that a crash may have torn is accepted as `tornEnd` says, and
 * only when nothing valid follows it: `any` damage, or only a `cut` one. `torn` says where it begins.
 */
export function readLog(
  bytes: Uint8Array,
  { tornEnd }: { tornEnd: 'any' | 'cut' },
): { records: LogRecord[]; torn?: Damage } | { damage: Damage } {
  const records: LogRecord[] = []
  let parts: Uint8Array[] = []
  let recordAt = 0
  let at = 0
  while (at < bytes.length) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (left < HEADER_BYTES) {
      const filler = bytes.subarray(at, at + left)
      if (filler.some((byte) => byte !== 0)) return { damage: { offset: at, what: 'the end of a block is not empty' } }
      at += left
      continue
    }
    const fragment = fragmentAt(bytes, at)
    if (!fragment) {
      const damage = { offset: at, what: 'the checksum of a record does not match' }
      const mayBeTorn = tornEnd === 'any' || isCut(bytes, at)
      return mayBeTorn && !validAfter(bytes, at) ? { records, torn: damage } : { damage }
    }
    const begins = fragment.type === FULL || fragment.type === FIRST
    if (begins !== (parts.length === 0)) return { damage: { offset: at, what: 'a record begins or ends amiss' } }
    if (begins) recordAt = at
    parts.push(bytes.subarray(fragment.start, fragment.end))
    if (fragment.type === FULL || fragment.type === LAST) {
      records.push({ offset: recordAt, payload: join(parts) })
      parts = []
    }
    at = fragment.end
  }
  return parts.length > 0 ? { records, torn: { offset: recordAt, what: 'the last record is cut' } } : { records }
}

function fragmentAt(bytes: Uint8Array, at: number): Fragment | undefined {
  const start = at + HEADER_BYTES
  if (start > bytes.length) return undefined
  const length = (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8)
  const type = bytes[at + 6] as number
  const end = start + length
  if (type < FULL || type > LAST || end > bytes.length || end > blockEnd(at)) return undefined
  const masked = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true)
  return crc32c(bytes, at + 6, end) === unmaskCrc(masked) ? { type, start, end } : undefined
}

/** The file ends before the record that begins here does, as when a write was cut short. */
function isCut(bytes: Uint8Array, at: number): boolean {
  const start = at + HEADER_BYTES
  if (start > bytes.length) return true
  const length = (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8)
  return start + length > bytes.length && start + length <= blockEnd(at)
}

/**
 * Whether a record begins, validly, anywhere after `at` in its block or in a later one. Later pieces of a record that
 * has lost its head do not count: a power cut may keep them and lose the head.
 */
function validAfter(bytes: Uint8Array, at: number): boolean {
  const end = Math.min(blockEnd(at), bytes.length)
  for (let next = at + 1; next + HEADER_BYTES <= end; next++) if (beginsRecord(fragmentAt(bytes, next))) return true
  for (let next = blockEnd(at); next < bytes.length; ) {
    const fragment = fragmentAt(bytes, next)
    if (beginsRecord(fragment)) return true
    next = fragment?.end ?? blockEnd(next)
    if (BLOCK_BYTES - (next % BLOCK_BYTES) < HEADER_BYTES) next = blockEnd(next)
  }
  return false
}

function beginsRecord(fragment: Fragment | undefined): boolean {
  return fragment?.type === FULL || fragment?.type === FIRST
}

function blockEnd(at: number): number {
  return at - (at % BLOCK_BYTES) + BLOCK_BYTES
}

function join(parts: Uint8Array[]): Uint8Array {
  const [only] = parts
  return parts.length === 1 && only ? only : Buffer.concat(parts)
}
