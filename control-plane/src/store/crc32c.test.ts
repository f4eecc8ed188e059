import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, crc32cOfAscii, unmaskCrc } from './crc32c.ts'

test('the check value of CRC-32C comes out, whole and in parts', () => {
  const bytes = Buffer.from('123456789')
  expect(crc32c(bytes)).toBe(0xe3069283)
  expect(crc32cOfAscii('123456789')).toBe(0xe3069283)
  expect(crc32c(bytes, 4, 9, crc32cOfAscii('1234'))).toBe(0xe3069283)
})

test('eight bytes at a time give what one bit at a time gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (bytes, start) => {
      const from = Math.min(start, bytes.length)
      expect(crc32c(bytes, from)).toBe(bitwise(bytes.subarray(from)))
    }),
  )
})

test('masking as LevelDB does it is undone', () => {
  const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (crc) => unmaskCrc(masked(crc)) === crc))
})

function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}
