import { beforeEach, expect, test } from 'vitest'
import { Problem } from '../problems.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import { SinkFault } from './sink-fault.ts'
import { type OpenReader, SinkReaders } from './sink-readers.ts'
import type { Sink } from './sink.ts'

let clock: StillClock
let sinks: Map<number, Sink>
/** By host: how it answers. */
let answers: Map<string, () => Promise<string>>
let asked: string[]
let closed: string[]
let readers: SinkReaders

const sink = (uid: number, change: Partial<Sink> = {}): Sink => ({
  uid,
  name: `s${uid}`,
  connection: { kind: 'mysql', host: `h${uid}`, port: 1, user: 'u', database: 'd', tls: 'off', tablePrefix: '' },
  password: `sealed-${uid}`,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  createdBy: 'ann',
  paused: false,
  cursor: [5, 0],
  position: 1,
  since: 1,
  backlog: { rows: 0, upTo: 0 },
  rows: 1,
  gaps: [],
  ...change,
})

beforeEach(() => {
  clock = new StillClock()
  sinks = new Map([1, 2].map((uid) => [uid, sink(uid)]))
  answers = new Map()
  asked = []
  closed = []
  readers = new SinkReaders({
    clock,
    logger: { warn: () => undefined },
    sinks: () => sinks,
    openSecret: (sealed) => {
      if (!sealed.startsWith('sealed-')) throw new Error('it was altered')
      return sealed.replace('sealed-', 'p')
    },
    connect: ({ host }, password) =>
      ({
        lateResults: () => {
          asked.push(`${host} ${password}`)
          return (answers.get(host)?.() ?? Promise.resolve(host)) as Promise<never>
        },
        close: () => Promise.resolve(void closed.push(host)),
      }) as unknown as OpenReader,
  })
})

const read = () => readers.read((reader) => reader.lateResults('r'))
const refuse = () => Promise.reject(new SinkFault('unreachable', 'nobody listens'))

test('the oldest sink that is well answers', async () => {
  expect(await read()).toMatchObject({ sink: 's1', value: 'h1' })
  expect(asked).toEqual(['h1 p1'])
})

test('the next one answers when it cannot, and is asked first for a while', async () => {
  answers.set('h1', refuse)
  expect(await read()).toMatchObject({ sink: 's2' })
  answers.delete('h1')
  expect(await read()).toMatchObject({ sink: 's2' })
  await clock.pass(5000)
  expect(await read()).toMatchObject({ sink: 's1' })
})

test('one that did not answer is left alone for a while, and what it said before is said again', async () => {
  sinks.delete(2)
  answers.set('h1', refuse)
  await read()
  answers.delete('h1')
  expect(await read()).toEqual({ failed: [{ sink: 's1', why: 'nobody listens' }] })
  expect(asked).toHaveLength(1)
  sinks.set(1, sink(1, { password: 'sealed-new' }))
  expect(await read()).toMatchObject({ sink: 's1' })
})

test('one in trouble is asked last; one that is paused, or was never given a row, not at all', async () => {
  sinks.set(1, sink(1, { trouble: { since: 0, error: 'x' } }))
  expect(await read()).toMatchObject({ sink: 's2' })
  sinks.set(2, sink(2, { paused: true }))
  expect(await read()).toMatchObject({ sink: 's1' })
  sinks.set(1, sink(1, { cursor: [0, 0] }))
  expect(await read()).toEqual({ failed: [] })
})

test('one that was never given some rows is asked after one that was, however old it is', async () => {
  const gaps = [{ from: [1, 0], to: [2, 0], count: 9, at: 0 }] as const
  sinks.set(1, sink(1, { gaps: [...gaps] }))
  expect(await read()).toMatchObject({ sink: 's2' })
  // When it was made, more had left the ledger already.
  sinks.set(2, sink(2, { backlog: { rows: 20, upTo: 30 } }))
  expect(await read()).toMatchObject({ sink: 's1' })
  sinks.set(2, sink(2, { backlog: { rows: 22, upTo: 30 } }))
  expect(await read()).toMatchObject({ sink: 's2' })
  sinks.set(2, sink(2, { trouble: { since: 0, error: 'x' } }))
  expect(await read()).toMatchObject({ sink: 's1' })
})

test('one whose password cannot be opened here does not answer, and the next one is asked', async () => {
  sinks.set(1, sink(1, { password: 'altered' }))
  expect(await read()).toMatchObject({ sink: 's2' })
  sinks.delete(2)
  const why = 'its password cannot be opened: it was altered'
  expect(await read()).toEqual({ failed: [{ sink: 's1', why }] })
  expect(asked).toEqual(['h2 p2'])
})

test('all of them together take 2 s at most, whatever they do', async () => {
  answers.set('h1', () => new Promise(() => undefined))
  answers.set('h2', () => new Promise(() => undefined))
  const answer = read()
  await clock.pass(1000)
  expect(asked).toEqual(['h1 p1', 'h2 p2'])
  await clock.pass(1000)
  expect(await answer).toMatchObject({
    failed: [{ sink: 's1' }, { sink: 's2', why: expect.stringContaining('did not answer') as string }],
  })
})

test('what is wrong with the question is thrown, and held against nobody', async () => {
  answers.set('h1', () => Promise.reject(new Problem('invalid-cursor')))
  await expect(read()).rejects.toThrow(Problem)
  expect(asked).toHaveLength(1)
})

test('connections are kept, replaced when the sink changes, and closed when it is gone, when nobody asks, and at the end', async () => {
  await read()
  await read()
  expect(closed).toEqual([])
  sinks.set(1, sink(1, { password: 'sealed-new' }))
  await read()
  expect([asked.at(-1), closed]).toEqual(['h1 pnew', ['h1']])
  sinks.delete(1)
  await read()
  await clock.pass(59_999)
  await read()
  await clock.pass(1)
  expect(closed).toEqual(['h1', 'h1'])
  await readers.stop()
  expect([closed, clock.timers]).toEqual([['h1', 'h1', 'h2'], 0])
})

test('what one sink does not have, another may; when none has it, that is the answer', async () => {
  const found = await readers.read(
    (reader) => reader.lateResults('r'),
    (value) => (value as unknown) === 'h2',
  )
  expect(found).toMatchObject({ sink: 's2', value: 'h2' })
  const none = await readers.read(
    (reader) => reader.lateResults('r'),
    () => false,
  )
  expect(none).toMatchObject({ sink: 's1', value: 'h1' })
  answers.set('h2', refuse)
  expect(
    await readers.read(
      (reader) => reader.lateResults('r'),
      () => false,
    ),
  ).toMatchObject({ sink: 's1' })
})
