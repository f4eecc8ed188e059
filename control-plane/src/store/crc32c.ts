/**
 * CRC-32C (Castagnoli) of `bytes[start, end)`, going on from `crc`: what LevelDB puts beside its records and blocks,
 * and what we put in front of every value. Slice-by-8 over tables: about 1.5 GB/s.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, crc = 0): number {
  let sum = ~crc
  let at = start
  const aligned = start + ((end - start) & ~7)
  while (at < aligned) {
    sum ^= at4(bytes, at)
    sum =
      at8(7, sum & 255) ^
      at8(6, (sum >>> 8) & 255) ^
      at8(5, (sum >>> 16) & 255) ^
      at8(4, sum >>> 24) ^
      at8(3, bytes[at + 4] as number) ^
      at8(2, bytes[at + 5] as number) ^
      at8(1, bytes[at + 6] as number) ^
      at8(0, bytes[at + 7] as number)
    at += 8
  }
  for (; at < end; at++) sum = (TABLE[(sum ^ (bytes[at] as number)) & 255] as number) ^ (sum >>> 8)
  return ~sum >>> 0
}

/** CRC-32C of a string of ASCII characters, going on from `crc`. */
export function crc32cOfAscii(text: string, crc = 0): number {
  let sum = ~crc
  for (let i = 0; i < text.length; i++) {
    sum = (TABLE[(sum ^ text.charCodeAt(i)) & 255] as number) ^ (sum >>> 8)
  }
  return ~sum >>> 0
}

/** LevelDB stores checksums masked, because a checksum of bytes that hold checksums is weak. */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}

/** Eight tables of 256, one after the other. */
const TABLE = makeTables()

function at8(table: number, index: number): number {
  return TABLE[(table << 8) | index] as number
}

function at4(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let n = 0; n < 256; n++) {
    let value = n
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    tables[n] = value
  }
  for (let n = 0; n < 256; n++) {
    for (let table = 1; table < 8; table++) {
      const before = tables[((table - 1) << 8) | n] as number
      tables[(table << 8) | n] = (tables[before & 255] as number) ^ (before >>> 8)
    }
  }
  return tables
}
