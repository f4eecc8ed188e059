import { expect, test } from 'vitest'
import { type Sequence, type SinkConnection, SINKS_MAX } from '../logs/sink.ts'
import { apply } from './apply.ts'
import type { Command, SinkProgress } from './commands.ts'
import { findSink } from './sinks.ts'
import { emptyState } from './state.ts'

const CONNECTION: SinkConnection = {
  kind: 'mysql',
  host: 'db',
  port: 3306,
  user: 'u',
  database: 'd',
  tls: 'verify',
  tablePrefix: 'cronclave_',
}

function world() {
  const state = emptyState()
  let index = 0
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>) =>
    apply(state, { index: ++index, term: 1, command: { at: index * 1000, ...command } as Command })
  const put = (name: string, change: object = {}, more: object = {}) =>
    run({ kind: 'sink-put', name, change: { connection: CONNECTION, ...change }, by: 't', ...more })
  const progress = (...sinks: SinkProgress[]) => run({ kind: 'sinks-progress', sinks })
  const sink = (name: string) => findSink(state, name)
  return { state, run, put, progress, sink }
}

test('a sink begins before the first row, and a changed user, password or TLS leaves it where it is', () => {
  const { put, progress, sink } = world()
  put('a', { password: 'sealed' })
  expect(sink('a')).toMatchObject({ uid: 1, cursor: [0, 0], position: 0, since: 1, rows: 0, gaps: [], version: 1 })
  progress({ sink: 1, since: 1, cursor: [7, 2], position: 9, rows: 9 })
  put('a', { connection: { ...CONNECTION, user: 'other', tls: 'off' } })
  expect(sink('a')).toMatchObject({ uid: 1, cursor: [7, 2], position: 9, rows: 9, since: 1, password: 'sealed' })
  put('a', { password: null })
  expect(sink('a')).not.toHaveProperty('password')
})

test.each([
  { host: 'other' },
  { port: 1 },
  { database: 'x' },
  { tablePrefix: 'x' },
])('another place, %o, gets everything from the beginning, and what was under way to the old one does not count', (place) => {
  const { put, progress, sink } = world()
  put('a')
  progress({ sink: 1, since: 1, cursor: [7, 2], position: 9, rows: 9, error: 'down' })
  put('a', { connection: { ...CONNECTION, ...place } })
  expect(sink('a')).toMatchObject({ cursor: [0, 0], position: 0, rows: 0, since: 3 })
  expect(sink('a')).not.toHaveProperty('trouble')
  progress({ sink: 1, since: 1, cursor: [8, 0], position: 10, rows: 1 })
  expect(sink('a')).toMatchObject({ cursor: [0, 0], rows: 0 })
})

test('a cursor never goes back, and rows are counted with it only', () => {
  const { put, progress, sink } = world()
  put('a')
  progress({ sink: 1, since: 1, cursor: [7, 2], position: 9, rows: 9 })
  for (const cursor of [
    [7, 2],
    [7, 1],
    [6, 9],
  ] as const)
    progress({ sink: 1, since: 1, cursor, position: 5, rows: 1 })
  expect(sink('a')).toMatchObject({ cursor: [7, 2], position: 9, rows: 9 })
  progress({ sink: 1, since: 1, cursor: [7, 3], position: 10, rows: 10 })
  expect(sink('a')).toMatchObject({ cursor: [7, 3], position: 10, rows: 10 })
})

test('rows are delivered again from an earlier place only, and what was under way before does not count', () => {
  const { run, put, progress, sink } = world()
  put('a')
  const to = (cursor: Sequence, position: number) => ({ cursor, position })
  progress({ sink: 1, since: 1, cursor: [7, 2], position: 9, rows: 9 })
  const resend = (from: object, end: object, more: object = {}) =>
    run({ kind: 'sink-resend', sink: 1, from, to: end, ...more })
  resend(to([7, 2], 9), to([9, 0], 20))
  expect(sink('a')).toMatchObject({ cursor: [7, 2], since: 1, version: 1 })
  expect(resend(to([3, 0], 4), to([9, 0], 20), { ifVersion: 7 }).rejection?.code).toBe('version-mismatch')
  expect(resend(to([3, 0], 4), to([9, 0], 20)).value).toMatchObject({ version: 2 })
  expect(sink('a')).toMatchObject({ cursor: [3, 0], position: 4, since: 5, rows: 9 })
  expect(sink('a')).not.toHaveProperty('resend')
  progress({ sink: 1, since: 1, cursor: [7, 2], position: 9, rows: 9 })
  expect(sink('a')).toMatchObject({ cursor: [3, 0] })
  progress({ sink: 1, since: 5, cursor: [7, 2], position: 9, rows: 14 })
  resend(to([3, 0], 4), to([5, 0], 6))
  // It goes on however it is reached.
  put('a', { password: 'sealed' })
  expect(sink('a')?.resend).toEqual({ to: [5, 0], toPosition: 6, back: { cursor: [7, 2], position: 9 } })
})

test('trouble keeps its beginning while it lasts, its latest reason, and is over with the next progress', () => {
  const { put, progress, sink } = world()
  put('a')
  progress({ sink: 1, since: 1, rows: 0, error: 'refused' })
  progress({ sink: 1, since: 1, rows: 0, error: 'x'.repeat(10_000) })
  expect(sink('a')?.trouble).toEqual({ since: 2000, error: 'x'.repeat(500) })
  progress({ sink: 1, since: 1, rows: 0 })
  expect(sink('a')).not.toHaveProperty('trouble')
})

test('what was wrong with it last is kept when that is over, until something else was', () => {
  const { run, put, progress, sink } = world()
  put('a')
  progress({ sink: 1, since: 1, rows: 0 })
  expect(sink('a')).not.toHaveProperty('lastTrouble')
  progress({ sink: 1, since: 1, rows: 0, error: 'refused' })
  expect(sink('a')).not.toHaveProperty('lastTrouble')
  progress({ sink: 1, since: 1, cursor: [3, 0], position: 1, rows: 1 })
  const first = { since: 3000, until: 4000, error: 'refused' }
  expect(sink('a')?.lastTrouble).toEqual(first)
  progress({ sink: 1, since: 1, cursor: [4, 0], position: 2, rows: 2 })
  put('a', { password: 'sealed' })
  expect(sink('a')?.lastTrouble).toEqual(first)
  progress({ sink: 1, since: 1, rows: 2, error: 'its disk is full' })
  expect(sink('a')).toMatchObject({ trouble: { error: 'its disk is full' }, lastTrouble: first })
  run({ kind: 'sink-pause', sink: 1, paused: true })
  expect(sink('a')?.lastTrouble).toMatchObject({ error: 'its disk is full' })
  // Of another place nothing is known yet.
  put('a', { connection: { ...CONNECTION, host: 'elsewhere' } })
  expect(sink('a')).not.toHaveProperty('lastTrouble')
})

test('one that is paused is in no trouble; pausing again changes nothing', () => {
  const { run, put, progress, sink } = world()
  put('a')
  progress({ sink: 1, since: 1, rows: 0, error: 'refused' })
  expect(run({ kind: 'sink-pause', sink: 1, paused: true }).value).toMatchObject({ version: 2 })
  expect(sink('a')).toMatchObject({ paused: true, version: 2 })
  expect(sink('a')).not.toHaveProperty('trouble')
  expect(run({ kind: 'sink-pause', sink: 1, paused: true })).toMatchObject({ value: { version: 2 }, changes: [] })
})

test.each([
  {},
  { host: 'DB' },
  { host: 'db.' },
  { user: 'other', tls: 'off' },
])('two never write into the same tables, however the second is named: %o', (same) => {
  const { put, sink } = world()
  put('a')
  const second = () => put('b', { connection: { ...CONNECTION, ...same } })
  expect(second().rejection).toMatchObject({ code: 'invalid-sink', detail: expect.stringContaining('sink a') })
  put('b', { connection: { ...CONNECTION, tablePrefix: 'b_' } })
  expect(second().rejection?.code).toBe('invalid-sink')
  expect(sink('b')?.connection.tablePrefix).toBe('b_')
  // One and the same may be changed.
  expect(put('a', { connection: { ...CONNECTION, ...same } }).rejection).toBeUndefined()
})

test('what is not there, is another version, or is one too many is refused', () => {
  const { state, run, put } = world()
  put('a')
  expect(put('a', {}, { ifVersion: 'new' }).rejection?.code).toBe('already-exists')
  expect(put('a', {}, { ifVersion: 7 }).rejection?.code).toBe('version-mismatch')
  expect(run({ kind: 'sink-pause', sink: 99, paused: true }).rejection?.code).toBe('sink-not-found')
  expect(run({ kind: 'sink-delete', sink: 99 }).rejection?.code).toBe('sink-not-found')
  expect(run({ kind: 'sink-delete', sink: 1, ifVersion: 9 }).rejection?.code).toBe('version-mismatch')
  for (let one = 1; one < SINKS_MAX; one++) put(`s${one}`, { connection: { ...CONNECTION, database: `d${one}` } })
  expect(put('beyond').rejection?.code).toBe('sinks-full')
  expect(run({ kind: 'sink-delete', sink: 1 }).rejection).toBeUndefined()
  expect(put('beyond').rejection).toBeUndefined()
  expect(state.sinks.size).toBe(SINKS_MAX)
})
