import { describe, expect, test } from 'vitest'
import { attemptRow, lateResultRow, runRow } from '../../../../test/support/log-rows.ts'
import type { LogRow } from '../row.ts'
import { SINK_TABLES } from '../tables.ts'
import type { Row } from './pool.ts'
import { attemptOf, lateResultOf, placeIn, runOf } from './row-values.ts'

/** A row as a database gives it, with some cells that somebody changed. */
function stored(row: LogRow, changed: Row = {}): Row {
  const { columns, cells } = SINK_TABLES[row.kind]
  const values = cells(row)
  return { ...Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null])), ...changed }
}

test('rows are what they were when they were written', () => {
  expect(runOf(stored(runRow(1)))).toEqual(runRow(1).row)
  expect(attemptOf(stored(attemptRow(1)))).toEqual(attemptRow(1).row)
  expect(lateResultOf(stored(lateResultRow(1)))).toEqual(lateResultRow(1).row)
})

describe('of a row that none of the ledger can be nothing is read', () => {
  test.each<[string, Row]>([
    ['a word that is none', { state: 'exploded' }],
    ['another cause', { cause: '' }],
    ['an end that is no instant', { ended_at: 'never' }],
    ['a fire time of zeros', { fire_time: '0000-00-00 00:00:00.000000' }],
    ['a start that is no instant', { started_at: '2026-13-41 00:00:00' }],
    ['a job beyond what a number holds', { job: '-9223372036854775808' }],
    ['attempts below zero', { attempts: -5 }],
    ['an ordinal that no key holds', { log_ordinal: 36 ** 4 }],
    ['an index that no key holds', { log_index: Number.MAX_SAFE_INTEGER }],
    ['no id', { id: '' }],
  ])('%s', (_, changed) => {
    expect(runOf(stored(runRow(1), changed))).toBeUndefined()
  })

  test('an attempt, and a late result', () => {
    expect(attemptOf(stored(attemptRow(1), { outcome: 'boo' }))).toBeUndefined()
    expect(attemptOf(stored(attemptRow(1), { next: 'q' }))).toBeUndefined()
    expect(lateResultOf(stored(lateResultRow(1), { at: '' }))).toBeUndefined()
  })

  test('its place in a list is a fault of the sink', () => {
    const { fireTime, sequence } = runRow(1).row
    expect(placeIn(stored(runRow(1)))).toEqual({ fireTime, sequence })
    expect(() => placeIn(stored(runRow(1), { fire_time: 'never' }))).toThrow(/no row can have/)
  })
})

describe('JSON that is not what it should be is as if it were empty', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)

  test.each(['5', '[]', 'null', '{"a":', deep])('in a run: %.10s', (text) => {
    const changed = { params: text, schedules: text, shards: text === '[]' ? '[1]' : text }
    const run = runOf(stored(runRow(1), changed))
    expect(run).toMatchObject({ params: {}, schedules: [] })
    expect(run).not.toHaveProperty('shardEnds')
  })

  test.each([
    ['output', '7'],
    ['output', '{"nodes":"abc","lines":1}'],
    ['output', '{"nodes":[1],"lines":1}'],
    ['logs', '[{"at":1e300,"level":"info","message":"x"}]'],
    ['logs', '[{"at":1,"level":"shout","message":"x"}]'],
    ['progress', '"x"'],
    ['progress', '{"done":"1"}'],
    ['result', deep],
  ])('in an attempt: %s %.45s', (column, text) => {
    const attempt = attemptOf(stored(attemptRow(1), { [column]: text }))
    expect(attempt).toBeDefined()
    expect(attempt).not.toHaveProperty(column)
  })

  test('parts whose ends say something else', () => {
    const good = { index: 0, outcome: 'failed', attempts: 1, executor: 'e', error: { code: 'c', message: 'm' } }
    const read = (end: object) => runOf(stored(runRow(1), { shards: JSON.stringify([end]) }))?.shardEnds
    expect(read(good)).toEqual([good])
    for (const bad of [{ index: -1 }, { outcome: 'x' }, { attempts: 'y' }, { error: 'z' }, { items: 3 }]) {
      expect(read({ ...good, ...bad })).toBeUndefined()
    }
  })
})
