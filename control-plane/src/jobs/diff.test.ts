import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { changes } from './diff.ts'

test.each<[string, unknown, unknown, unknown]>([
  ['nothing', { a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, []],
  ['a field', { a: 1 }, { a: 2 }, [{ pointer: '/a', from: 1, to: 2 }]],
  ['a field that is new', {}, { a: null }, [{ pointer: '/a', to: null }]],
  ['a field that has gone', { a: { b: 1 } }, {}, [{ pointer: '/a', from: { b: 1 } }]],
  [
    'an item',
    { a: [1, 2] },
    { a: [1, 3, 4] },
    [
      { pointer: '/a/1', from: 2, to: 3 },
      { pointer: '/a/2', to: 4 },
    ],
  ],
  ['a list that is no list any more', { a: [] }, { a: {} }, [{ pointer: '/a', from: [], to: {} }]],
  ['a field whose name has to be escaped', { 'a/~': 1 }, { 'a/~': 2 }, [{ pointer: '/a~1~0', from: 1, to: 2 }]],
  ['an undefined field is absent', { a: undefined }, {}, []],
])('a change of %s', (_, before, after, expected) => {
  expect(changes(before, after)).toEqual(expected)
})

test('two values are the same exactly when nothing changed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(changes(a, structuredClone(a))).toEqual([])
      const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
      expect(changes(a, b).length === 0).toBe(same)
    }),
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return { fields: fields.map(([name, field]) => [name, sorted(field)]) }
}
