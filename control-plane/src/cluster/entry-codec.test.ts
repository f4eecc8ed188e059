import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { expect, test } from 'vitest'
import { COMMAND_VERSION, type Command } from '../state/commands.ts'
import type { Entry } from '../raft/types.ts'
import {
  comesBack,
  decodeCommand,
  decodeEntry,
  encodeCommand,
  encodeEntry,
  UnknownCommandVersion,
} from './entry-codec.ts'

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

test('what does not come back as it was is known by its bytes', () => {
  const named = (name: string, more = {}) => encodeCommand({ at: 1, kind: 'token-revoke', id: name, ...more })
  for (const name of ['x', 'ä€😀한\ud7ff\ue000', '😀'.repeat(100)]) expect(comesBack(named(name))).toBe(true)
  for (const half of ['\ud83d', 'x\ude00y', `${'x'.repeat(5000)}\ud83d`]) expect(comesBack(named(half))).toBe(false)
  expect(comesBack(named('x', JSON.parse('{"params":{"__proto__":1}}') as object))).toBe(false)
  const text = fc.string({ unit: 'binary', maxLength: 100 })
  const params = fc.dictionary(fc.oneof(text, fc.constant('__proto__')), fc.oneof(text, fc.array(text)))
  fc.assert(
    fc.property(params, (given) => {
      const command = { at: 1, kind: 'token-revoke', id: 'x', params: given } as Command
      const bytes = encodeCommand(command)
      const same = JSON.stringify(decodeCommand(bytes)) === JSON.stringify(command)
      expect(same || !comesBack(bytes)).toBe(true)
    }),
  )
})

test('numbers are seldom taken for what does not come back: a leader would decode most of what it proposed', () => {
  for (const number of [0xedff0080, 0xede08080, 0xeda0ff00]) {
    const bytes = encodeCommand({ at: number, kind: 'token-revoke', id: 'x' })
    expect(bytes).toContain(0xed)
    expect(comesBack(bytes)).toBe(true)
  }
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

test('an entry of any kind comes back as it was, ids of members exact', () => {
  const id = fc.integer({ min: 1, max: 2 ** 52 - 1 })
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
  const does = fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const, 'update' as const)
  const change = fc.record({
    transition: fc.constantFrom('auto' as const, 'implicit' as const, 'explicit' as const),
    steps: fc.array(fc.record({ do: does, member: id }), { maxLength: 5 }),
    context: bytes,
  })
  const entry: fc.Arbitrary<Entry> = fc.oneof(
    fc.record({ index: id, term: id, kind: fc.constant('normal' as const), data: fc.constant(Buffer.alloc(0)) }),
    fc.record({ index: id, term: id, kind: fc.constant('normal' as const), data: bytes.map(commandLike) }),
    fc.record({
      index: id,
      term: id,
      kind: fc.constantFrom('change' as const, 'change-v1' as const),
      data: bytes,
      change,
    }),
  )
  fc.assert(
    fc.property(entry, (original) => {
      const { index, term } = original
      const payload = Buffer.from(encodeEntry(original))
      expect(plain(decodeEntry({ index, term, payload }))).toEqual(plain(original))
    }),
  )
})

test('the payload of a normal entry is its data, and its data the payload: nothing is copied', () => {
  const data = encodeCommand({ at: 1, kind: 'token-revoke', id: 'x' })
  expect(encodeEntry({ index: 1, term: 1, kind: 'normal', data })).toBe(data)
  expect(decodeEntry({ index: 1, term: 1, payload: data }).data).toBe(data)
})

test('a payload of a kind that this build does not know is refused', () => {
  expect(() => decodeEntry({ index: 1, term: 1, payload: Buffer.from([0xc3, 0]) })).toThrow(UnknownCommandVersion)
  expect(() => encodeEntry({ index: 1, term: 1, kind: 'normal', data: Buffer.from([0xc1]) })).toThrow(/first byte/)
})

/** Bytes that begin as a command does. */
function commandLike(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1]), bytes])
}

function plain(entry: Entry): unknown {
  return JSON.parse(
    JSON.stringify({ ...entry, data: [...entry.data], context: [...(entry.change?.context ?? [])] }, skip),
  )
}

function skip(key: string, value: unknown): unknown {
  return key === 'change' ? { ...(value as object), context: undefined } : value
}

/** -0 is 0 in the log. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
