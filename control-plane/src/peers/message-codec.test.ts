import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry, MembershipChange, Snapshot } from '../raft/types.ts'
import { FRAME_BYTES_MAX, FrameDecoder, FrameFault } from './frame.ts'
import { FrameWriter } from './frame-writer.ts'
import { type PeerMessage, readMessage, receivedMessage, travels, writeMessage } from './message-codec.ts'

const number = fc.oneof(fc.nat(), fc.maxSafeNat())
const bytes = fc.uint8Array({ maxLength: 200 })
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const change: fc.Arbitrary<MembershipChange> = fc.record({
  transition: fc.constantFrom('auto', 'implicit', 'explicit'),
  steps: fc.array(fc.record({ do: fc.constantFrom('add-voter', 'add-learner', 'remove', 'update'), member: number }), {
    maxLength: 4,
  }),
  context: bytes,
})
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    index: number,
    term: number,
    kind: fc.constant('normal' as const),
    data: bytes.map((data) => (data.length === 0 ? data : Uint8Array.of(1, ...data))),
  }),
  fc.record({
    index: number,
    term: number,
    kind: fc.constantFrom('change' as const, 'change-v1' as const),
    data: bytes,
    change,
  }),
)
const entries = fc.array(entry, { maxLength: 8 })
const ids = fc.array(number, { maxLength: 7 })
const snapshot: fc.Arbitrary<Snapshot> = fc.record(
  {
    index: number,
    term: number,
    membership: fc.record({
      voters: ids,
      learners: ids,
      votersOutgoing: ids,
      learnersNext: ids,
      autoLeave: fc.boolean(),
    }),
    data: bytes,
  },
  { requiredKeys: ['index', 'term', 'membership'] },
)

/** Fields of each type; that none is missing is checked by the compiler. */
const FIELDS: { [T in PeerMessage['type']]: Record<string, fc.Arbitrary<unknown>> } = {
  append: { index: number, logTerm: number, entries, commit: number },
  'append-response': { index: number, rejected: fc.boolean(), rejectHint: number, logTerm: number, commit: number },
  heartbeat: { commit: number, context: text },
  'heartbeat-response': { context: text },
  propose: { entries },
  vote: { index: number, logTerm: number, transfer: fc.boolean() },
  'pre-vote': { index: number, logTerm: number, transfer: fc.boolean() },
  'vote-response': { rejected: fc.boolean() },
  'pre-vote-response': { rejected: fc.boolean() },
  snapshot: { snapshot },
  'transfer-leader': {},
  'timeout-now': {},
  'read-index': { context: text },
  'read-index-response': { index: number, context: text },
  'forget-leader': {},
}

function arbitrary(type: PeerMessage['type']): fc.Arbitrary<PeerMessage> {
  const fields = { type: fc.constant(type), from: number, to: number, term: number, ...FIELDS[type] }
  const optional = type === 'append-response' ? ['commit'] : []
  return fc.record(fields, {
    requiredKeys: Object.keys(fields).filter((key) => !optional.includes(key)) as 'type'[],
  }) as unknown as fc.Arbitrary<PeerMessage>
}

function bodyOf(message: PeerMessage): Buffer {
  const writer = new FrameWriter()
  writeMessage(writer.begin(1), message)
  expect(writer.end()).toBe(true)
  return Buffer.concat(writer.take()).subarray(9)
}

/** Views of buffers as plain arrays, to be compared. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => {
      if (inner instanceof Uint8Array) return { bytes: [...inner] }
      const json = inner as { type?: unknown; data?: unknown } | null
      return json?.type === 'Buffer' ? { bytes: json.data } : inner
    }),
  )
}

test.each(Object.keys(FIELDS) as PeerMessage['type'][])('a %s arrives as it was sent, every field exact', (type) => {
  fc.assert(
    fc.property(arbitrary(type), (message) => {
      expect(plain(readMessage(bodyOf(message)))).toEqual(plain(message))
    }),
    { numRuns: 200 },
  )
})

test('what a core says to itself and to its storage does not travel', () => {
  const local = ['hup', 'beat', 'check-quorum', 'unreachable'] as const
  for (const type of local) expect(travels({ type, from: 1, to: 1, term: 0 })).toBe(false)
  expect(travels({ type: 'timeout-now', from: 1, to: 2, term: 3 })).toBe(true)
})

test('a message that is cut short or goes on too long is refused', () => {
  const body = bodyOf({ type: 'heartbeat', from: 1, to: 2, term: 3, commit: 4, context: 'abc' })
  for (let length = 0; length < body.length; length++) expect(() => readMessage(body.subarray(0, length))).toThrow()
  expect(() => readMessage(Buffer.concat([body, Buffer.alloc(1)]))).toThrow('more in a frame')
})

test('garbage is an error, never a crash and never much memory', () => {
  const any = fc.oneof(...(Object.keys(FIELDS) as PeerMessage['type'][]).map(arbitrary))
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(any, flips, (message, changes) => {
      const body = Buffer.from(bodyOf(message))
      for (const [place, value] of changes) body[place % body.length] = value
      try {
        receivedMessage(body)
      } catch (error) {
        expect(error).toBeInstanceOf(FrameFault)
      }
    }),
    { numRuns: 2000 },
  )
})

test('frames come out as they went in, wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 300 })), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }),
      (frames, cuts) => {
        const writer = new FrameWriter()
        for (const [type, body] of frames) writer.begin(type).raw(body).end()
        const stream = Buffer.concat(writer.take())
        const seen: [number, number[]][] = []
        const decoder = new FrameDecoder(FRAME_BYTES_MAX, (type, body) => seen.push([type, [...body]]))
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = at + (cuts[i % cuts.length] as number)
          decoder.push(stream.subarray(at, end))
          at = end
        }
        expect(seen).toEqual(frames.map(([type, body]) => [type, [...body]]))
      },
    ),
  )
})

test('a frame of any size up to the limit survives, one beyond it is not begun', () => {
  const writer = new FrameWriter()
  const sizes = [0, 1, 65_000, 65_536, 200_000, 3_000_000]
  const seen: number[] = []
  for (const size of sizes) expect(writer.begin(7).raw(Buffer.alloc(size, 5)).end()).toBe(true)
  expect(
    writer
      .begin(7)
      .raw(Buffer.alloc(FRAME_BYTES_MAX + 1))
      .end(),
  ).toBe(false)
  writer.begin(8).u32(9).end()
  const decoder = new FrameDecoder(FRAME_BYTES_MAX, (type, body) =>
    seen.push(type === 8 ? body.readUInt32LE() : body.length),
  )
  const stream = Buffer.concat(writer.take())
  for (let at = 0; at < stream.length; at += 16_384) decoder.push(stream.subarray(at, at + 16_384))
  expect(seen).toEqual([...sizes, 9])
  expect(writer.pending).toBe(0)
})

test('one flipped bit anywhere in a frame is found out', () => {
  const writer = new FrameWriter()
  writer.begin(3).text('a body of some length').end()
  const stream = Buffer.concat(writer.take())
  for (let bit = 0; bit < stream.length * 8; bit++) {
    const flipped = Buffer.from(stream)
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
    let delivered = 0
    const decoder = new FrameDecoder(1024, () => (delivered += 1))
    try {
      decoder.push(flipped)
    } catch (error) {
      expect((error as Error).name).toBe('FrameFault')
    }
    expect(delivered).toBe(0)
  }
})

test('bytes that are no frames at all end in a fault or wait for more', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 40 }), (chunks) => {
      const decoder = new FrameDecoder(1024, () => undefined)
      try {
        for (const chunk of chunks) decoder.push(Buffer.from(chunk))
      } catch (error) {
        expect((error as Error).name).toBe('FrameFault')
      }
    }),
    { numRuns: 500 },
  )
})
