import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { expect, test } from 'vitest'
import { COMMAND_VERSION, type Command } from '../state/commands.ts'
import { decodeCommand, encodeCommand, UnknownCommandVersion } from './entry-codec.ts'

test('a command comes back as it was, and begins with its version', () => {
  const command: Command = {
    at: 1_700_000_000_000,
    kind: 'token-put',
    id: 't',
    hash: 'h',
    scope: 'admin',
    name: 'ä€😀',
    by: 'me',
  }
  const bytes = encodeCommand(command)
  expect(bytes[0]).toBe(COMMAND_VERSION)
  expect(decodeCommand(bytes)).toEqual(command)
})

test('plain data of any shape comes back, whole numbers exact', () => {
  const leaf = fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.maxSafeInteger(), fc.double({ noNaN: true }))
  const key = fc.string().filter((name) => name !== '__proto__')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 20 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 20 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (params) => {
      const decoded = decodeCommand(
        encodeCommand({ at: 2 ** 52 + 1, kind: 'token-revoke', id: 'x', params } as Command),
      )
      expect(normal(decoded)).toEqual(normal({ at: 2 ** 52 + 1, kind: 'token-revoke', id: 'x', params }))
    }),
  )
})

test('numbers beyond 2^32 stay exact', () => {
  for (const at of [2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER, -(2 ** 40)]) {
    expect(decodeCommand(encodeCommand({ at, kind: 'token-revoke', id: '' })).at).toBe(at)
  }
})

test('an undefined property is left out', () => {
  const decoded = decodeCommand(encodeCommand({ at: 1, kind: 'token-revoke', id: 'x', more: undefined } as Command))
  expect(Object.keys(decoded)).toEqual(['at', 'kind', 'id'])
})

test('every payload can be read by itself, by any MessagePack reader', () => {
  encodeCommand({ at: 1, kind: 'token-revoke', id: 'first' })
  const second = encodeCommand({ at: 2, kind: 'token-revoke', id: 'second' })
  expect(new Packr({ useRecords: false }).unpack(second.subarray(1))).toEqual({
    at: 2,
    kind: 'token-revoke',
    id: 'second',
  })
})

test('a payload stays as it is when the next command is encoded', () => {
  const first = encodeCommand({ at: 1, kind: 'token-revoke', id: 'first' })
  const before = Buffer.from(first)
  for (let i = 0; i < 1000; i++) encodeCommand({ at: 2, kind: 'token-revoke', id: `${i}` })
  expect(Buffer.compare(first, before)).toBe(0)
})

test('a command of a later version is refused with what to do', () => {
  const bytes = Buffer.from(encodeCommand({ at: 1, kind: 'token-revoke', id: 'x' }))
  bytes[0] = COMMAND_VERSION + 1
  expect(() => decodeCommand(bytes)).toThrow(UnknownCommandVersion)
  expect(() => decodeCommand(bytes)).toThrow(/version 2.*knows versions 1 to 1/)
  expect(() => decodeCommand(new Uint8Array(0))).toThrow(UnknownCommandVersion)
})

test('a command nested too deep is refused, and the next one is encoded all the same', () => {
  let params: unknown = 1
  for (let i = 0; i < 200_000; i++) params = [params]
  expect(() => encodeCommand({ at: 1, kind: 'token-revoke', id: 'x', params } as Command)).toThrow(RangeError)
  expect(decodeCommand(encodeCommand({ at: 7, kind: 'token-revoke', id: 'y' }))).toEqual({
    at: 7,
    kind: 'token-revoke',
    id: 'y',
  })
})

/** -0 is 0 in the log. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
