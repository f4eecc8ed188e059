import { array, assert, integer, nat, property, record, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import type { Sequence, SinkGap } from '../logs/sink.ts'
import { apply } from './apply.ts'
import type { Command, LedgerTrim } from './commands.ts'
import { lowestCursor, withGap } from './sink-gaps.ts'
import { isBefore } from './sinks.ts'
import { emptyState } from './state.ts'

const gap = (from: Sequence, to: Sequence, count = 1): SinkGap => ({ from, to, count, at: 0 })

test.each([
  ['apart', [gap([1, 0], [2, 0])], gap([4, 0], [5, 0]), [gap([1, 0], [2, 0]), gap([4, 0], [5, 0])]],
  ['before', [gap([4, 0], [5, 0])], gap([1, 0], [2, 0]), [gap([1, 0], [2, 0]), gap([4, 0], [5, 0])]],
  ['overlapping', [gap([1, 0], [4, 0])], gap([3, 0], [5, 0]), [gap([1, 0], [5, 0], 2)]],
  ['within', [gap([1, 0], [9, 0])], gap([3, 0], [5, 0]), [gap([1, 0], [9, 0], 2)]],
  ['the next row', [gap([1, 0], [1, 4])], gap([1, 5], [1, 5]), [gap([1, 0], [1, 5], 2)]],
  ['joining two', [gap([1, 0], [2, 0]), gap([4, 0], [5, 0])], gap([2, 0], [4, 0]), [gap([1, 0], [5, 0], 3)]],
])('a gap that lies %s', (_, gaps, one, expected) => {
  expect(withGap(gaps, one, 100)).toEqual(expected)
})

test('however gaps come, they cover every row, count each, stay in order and apart, and are as many as may be', () => {
  const place = tuple(nat(30), nat(3))
  const arbitrary = record({ a: place, b: place, count: integer({ min: 1, max: 5 }) })
  assert(
    property(array(arbitrary, { maxLength: 40 }), integer({ min: 1, max: 6 }), (all, max) => {
      let gaps: SinkGap[] = []
      const given = all.map(({ a, b, count }) => (isBefore(b, a) ? gap(b, a, count) : gap(a, b, count)))
      for (const one of given) gaps = withGap(gaps, one, max)
      expect(gaps.length).toBeLessThanOrEqual(max)
      const sum = (some: readonly SinkGap[]) => some.reduce((total, { count }) => total + count, 0)
      expect(sum(gaps)).toBe(sum(given))
      for (const { from, to } of given)
        expect(gaps.some((one) => !isBefore(from, one.from) && !isBefore(one.to, to))).toBe(true)
      for (const [at, { from, to }] of gaps.entries()) {
        expect(isBefore(to, from)).toBe(false)
        const next = gaps[at + 1]
        if (next) expect(isBefore(to, next.from)).toBe(true)
      }
    }),
  )
})

const connection = { kind: 'mysql', host: 'h', port: 1, user: 'u', database: 'd', tls: 'off', tablePrefix: '' } as const

function world() {
  const state = emptyState()
  state.index = 100
  state.ledgerRows = 1000
  const run = (command: { kind: Command['kind'] } & Record<string, unknown>) =>
    apply(state, { index: state.index + 1, term: 1, command: { at: 5000, ...command } as Command })
  const put = (name: string, cursor: Sequence) => {
    run({ kind: 'sink-put', name, change: { connection: { ...connection, host: name } }, by: 't' })
    const uid = state.index
    run({ kind: 'sinks-progress', sinks: [{ sink: uid, since: uid, cursor, position: 1, rows: 1 }] })
    return uid
  }
  const trim = (more: Partial<LedgerTrim>, asOf = state.index) => run({ kind: 'ledger-trim', asOf, jobs: [], ...more })
  const runs = (...rows: { sequence: Sequence; waiting?: number[] }[]) => ({
    jobs: [
      {
        job: 7,
        namespace: 1,
        runs: rows.map((row) => ({ id: 'r', state: 'failed' as const, fireTime: 1, attempts: [2], ...row })),
        stretches: [],
      },
    ],
  })
  return { state, run, put, trim, runs }
}

test('each sink misses what leaves the ledger behind its cursor, attempts included, and nothing else', () => {
  const { state, put, trim, runs } = world()
  const near = put('near', [50, 1])
  const far = put('far', [10, 0])
  const done = put('done', [90, 0])
  trim(runs({ sequence: [50, 1] }, { sequence: [60, 2], waiting: [50, 0, 58, 3] }))
  expect(state.sinks.get(near)?.gaps).toEqual([{ from: [58, 3], to: [60, 2], count: 2, at: 5000 }])
  expect(state.sinks.get(far)?.gaps).toEqual([{ from: [50, 0], to: [60, 2], count: 4, at: 5000 }])
  expect(state.sinks.get(done)?.gaps).toEqual([])
  expect(state.ledgerGone).toBe(6)
})

test('late results and stretches that leave are missed as well', () => {
  const { state, put, trim } = world()
  const sink = put('a', [10, 0])
  const stretches = [{ from: 1, sequence: [20, 0] as const }]
  trim({ jobs: [{ job: 7, namespace: 1, runs: [], stretches }], late: [{ run: 'r', sequence: [30, 0] }] })
  expect(state.sinks.get(sink)?.gaps).toEqual([{ from: [20, 0], to: [30, 0], count: 2, at: 5000 }])
})

test('what was to go before a sink was made is nothing that it misses', () => {
  const { state, put, trim, runs } = world()
  const asOf = state.index
  const sink = put('a', [0, 0])
  trim(runs({ sequence: [50, 0] }), asOf)
  expect(state.sinks.get(sink)?.gaps).toEqual([])
})

test('what was to go before a sink was set back is missed where it had not been given it', () => {
  const { state, run, put, trim, runs } = world()
  const sink = put('a', [50, 0])
  const asOf = state.index
  const to = { cursor: [40, 0], position: 1 }
  run({ kind: 'sink-resend', sink, from: { cursor: [10, 0], position: 0 }, to })
  run({ kind: 'sink-resend', sink, from: { cursor: [5, 0], position: 0 }, to })
  trim(runs({ sequence: [45, 0] }, { sequence: [50, 0] }, { sequence: [60, 0] }), asOf)
  expect(state.sinks.get(sink)?.gaps).toEqual([{ from: [60, 0], to: [60, 0], count: 1, at: 5000 }])
  // What goes later, while it is to be given again, is not given again.
  trim(runs({ sequence: [20, 0] }))
  expect(state.sinks.get(sink)?.gaps).toMatchObject([{ from: [20, 0] }, { from: [60, 0] }])
  run({ kind: 'sink-put', name: 'a', change: { connection: { ...connection, host: 'other' } }, by: 't' })
  expect(state.sinks.get(sink)).not.toHaveProperty('reached')
})

test('the lowest cursor is that of the sink that is furthest behind', () => {
  const { state, put } = world()
  expect(lowestCursor(state)).toBeUndefined()
  put('a', [50, 2])
  put('b', [50, 1])
  put('c', [70, 0])
  expect(lowestCursor(state)).toEqual([50, 1])
})
