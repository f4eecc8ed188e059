import { Packr } from 'msgpackr'
import { crc32c, crc32cOfAscii } from './crc32c.ts'

/** Bytes of checksum in front of every value. */
const CHECKSUM_BYTES = 4

/** msgpackr: leave room in front of what is packed; the low byte says how much. */
const RESERVE_START = 2048 | CHECKSUM_BYTES

const packr = new Packr({ useRecords: false, mapsAsObjects: true, moreTypes: false, int64AsType: 'number' })
const AFTER_CHECKSUM = { start: CHECKSUM_BYTES }

/**
 * A value as it lies on disk: CRC-32C over key and content, then msgpack with plain maps. The key is part of the sum,
 * so that a value that turns up under another key is found as well.
 */
export function encodeValue(key: string, value: unknown): Uint8Array {
  const bytes = packr.pack(value, RESERVE_START)
  const sum = checksum(key, bytes)
  bytes[0] = sum >>> 24
  bytes[1] = sum >>> 16
  bytes[2] = sum >>> 8
  bytes[3] = sum
  return bytes
}

/** The value that was encoded, or `undefined` when a single bit of it or of its key is not what it was. */
export function decodeValue(key: string, bytes: Uint8Array): { value: unknown } | undefined {
  if (bytes.length <= CHECKSUM_BYTES) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  if (checksum(key, bytes) !== ((a << 24) | (b << 16) | (c << 8) | d) >>> 0) return undefined
  return { value: packr.unpack(bytes, AFTER_CHECKSUM) }
}

function checksum(key: string, bytes: Uint8Array): number {
  return crc32c(bytes, CHECKSUM_BYTES, bytes.length, crc32cOfAscii(key))
}
