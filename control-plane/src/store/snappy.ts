import { Reader } from './varint.ts'

/** Blocks of a table are small; an index block of a full table stays far below this. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

/** Decompresses a block in Snappy's format, or answers undefined when it is not one. */
export function unsnappy(packed: Uint8Array): Uint8Array | undefined {
  const reader = new Reader(packed)
  const length = reader.varint()
  if (reader.failed || length > UNPACKED_BYTES_MAX) return undefined
  const out = new Uint8Array(length)
  let at = 0
  while (!reader.done) {
    const tag = reader.byte()
    if ((tag & 3) === 0) {
      const literal = reader.take(literalLength(tag >>> 2, reader))
      if (reader.failed || at + literal.length > length) return undefined
      out.set(literal, at)
      at += literal.length
      continue
    }
    const { size, back } = copyFrom(tag, reader)
    if (reader.failed || back === 0 || back > at || at + size > length) return undefined
    for (let i = 0; i < size; i++, at++) out[at] = out[at - back] as number
  }
  return at === length && !reader.failed ? out : undefined
}

/** Lengths above 60 stand in the one to four bytes that follow. */
function literalLength(code: number, reader: Reader): number {
  return (code < 60 ? code : littleEndian(reader, code - 59)) + 1
}

function copyFrom(tag: number, reader: Reader): { size: number; back: number } {
  if ((tag & 3) === 1) return { size: ((tag >>> 2) & 7) + 4, back: (tag >>> 5) * 256 + reader.byte() }
  return { size: (tag >>> 2) + 1, back: littleEndian(reader, (tag & 3) === 2 ? 2 : 4) }
}

function littleEndian(reader: Reader, bytes: number): number {
  let value = 0
  for (let i = 0; i < bytes; i++) value += reader.byte() * 256 ** i
  return value
}
