import { describe, expect, test } from 'vitest'
import { faultsBelow, faultText } from './faults.ts'
import { canShow } from './can-show.ts'
import { type ParamKind, paramFields, type Schema, unnamed } from './param-fields.ts'

const kind = (schema: Schema, more: Schema = {}) =>
  paramFields({ type: 'object', properties: { x: schema }, ...more })?.[0]?.kind

describe('a form for parameters', () => {
  test.each<[string, Schema, object]>([
    ['text', { type: 'string', minLength: 1 }, { type: 'text' }],
    ['a date', { type: 'string', format: 'date' }, { type: 'date' }],
    ['a time', { type: 'string', format: 'date-time' }, { type: 'date-time' }],
    ['a number', { type: 'number', minimum: 0.5 }, { type: 'number', whole: false }],
    ['a whole number', { type: 'integer', maximum: 9 }, { type: 'number', whole: true }],
    ['a switch', { type: 'boolean' }, { type: 'switch' }],
    ['a choice', { enum: ['a', 'b', 3] }, { type: 'choice', values: ['a', 'b', 3] }],
    ['a choice of constants', { anyOf: [{ const: 'a' }, { const: 'b' }] }, { type: 'choice', values: ['a', 'b'] }],
    ['a list of texts', { type: 'array', items: { type: 'string' } }, { type: 'list', of: 'text' }],
    ['a list of numbers', { type: 'array', items: { type: 'integer' } }, { type: 'list', of: 'number' }],
    ['a list of objects', { type: 'array', items: { type: 'object' } }, { type: 'json' }],
    ['what may be null', { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] }, { type: 'date' }],
    ['what may be two things', { anyOf: [{ type: 'string' }, { type: 'number' }] }, { type: 'json' }],
    ['names that are not known', { type: 'object', additionalProperties: { type: 'string' } }, { type: 'json' }],
    ['anything', {}, { type: 'json' }],
    ['a choice of objects', { enum: [{ a: 1 }] }, { type: 'json' }],
  ])('has an input for %s', (_, schema, expected) => {
    expect(kind(schema)).toEqual(expected)
  })

  test('follows references, which may lead back to themselves', () => {
    const $defs = { city: { enum: ['tianjin'] }, round: { $ref: '#/$defs/round' } }
    expect(kind({ $ref: '#/$defs/city' }, { $defs })).toEqual({ type: 'choice', values: ['tianjin'] })
    expect(
      kind({ $ref: '#/$defs/a%20list/oneOf/0' }, { $defs: { 'a list': { oneOf: [{ type: 'string' }] } } }),
    ).toEqual({
      type: 'text',
    })
    expect(kind({ $ref: '#/$defs/round' }, { $defs })).toEqual({ type: 'json' })
    expect(kind({ $ref: 'https://example.com/' }, { $defs })).toEqual({ type: 'json' })
  })

  test('has one level of groups; what is deeper is JSON', () => {
    const inner = {
      type: 'object',
      properties: { deep: { type: 'object', properties: { a: {} } } },
      required: ['deep'],
    }
    expect(kind(inner)).toEqual({
      type: 'group',
      fields: [{ pointer: '/x/deep', label: 'deep', required: true, kind: { type: 'json' } }],
    })
  })

  test('says what a field is called, what it is for, whether it is needed, and what is taken without it', () => {
    const properties = { 'a/b': { type: 'string', title: 'City', description: 'Where', default: 'tianjin' } }
    expect(paramFields({ type: 'object', properties, required: ['a/b'] })).toEqual([
      { pointer: '/a~1b', label: 'City', hint: 'Where', required: true, fallback: 'tianjin', kind: { type: 'text' } },
    ])
  })

  test('is not made of a schema without names, or with very many', () => {
    expect(paramFields({ type: 'object', additionalProperties: { type: 'string' } })).toBeUndefined()
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`p${i}`, {}]))
    expect(paramFields({ type: 'object', properties: many })).toBeUndefined()
    expect(kind({ type: 'object', properties: many })).toEqual({ type: 'json' })
  })

  test('has no room for very long words', () => {
    const long = 'x'.repeat(9000)
    const [field] = paramFields({ type: 'object', properties: { [long]: { description: long } } }) ?? []
    expect([field?.label.length, field?.hint?.length, field?.pointer.length]).toEqual([100, 500, 9001])
  })

  test('knows what it has no field for', () => {
    expect(unnamed({ type: 'object', properties: { a: {} } }, { a: 1, b: 2 })).toEqual(['b'])
  })
})

test('faults go to their fields, the first of each place', () => {
  const said = [
    { pointer: '/params/city', detail: 'is needed' },
    { pointer: '/params/city', detail: 'again' },
    { pointer: '/paramsOf', detail: 'is another thing' },
    { pointer: '/params', detail: 'is too large' },
  ]
  const faults = faultsBelow(said, '/params')
  expect([...faults]).toEqual([
    ['/city', 'is needed'],
    ['', 'is too large'],
  ])
  expect(faultText(faults)).toBe('/city is needed; is too large')
  expect(faultText(new Map())).toBeUndefined()
})

describe('what an input could not show, or would change, is written as JSON', () => {
  const list = { type: 'list', of: 'text' } as const
  test.each<[ParamKind, unknown, boolean]>([
    [{ type: 'text' }, undefined, true],
    [{ type: 'text' }, '', true],
    [{ type: 'text' }, 5, false],
    [{ type: 'text' }, null, false],
    [{ type: 'text' }, 'two\nlines', false],
    [{ type: 'date' }, '2026-11-20', true],
    [{ type: 'date' }, 'tomorrow', false],
    [{ type: 'date-time' }, 'soon', true],
    [{ type: 'date-time' }, 0, false],
    [{ type: 'number', whole: true }, 1.5, true],
    [{ type: 'number', whole: true }, '5', false],
    [{ type: 'switch' }, false, true],
    [{ type: 'switch' }, null, false],
    [{ type: 'choice', values: ['a'] }, null, true],
    [list, ['a', 'b c'], true],
    [list, 'a', false],
    [list, [], false],
    [list, ['a', 5], false],
    [list, [' a'], false],
    [list, ['a\nb'], false],
    [{ type: 'list', of: 'number' }, [1, -2.5], true],
    [{ type: 'list', of: 'number' }, ['1'], false],
    [{ type: 'group', fields: [] }, { a: 1 }, true],
    [{ type: 'group', fields: [] }, [], false],
    [{ type: 'json' }, null, true],
  ])('%j: %j', (of, value, expected) => {
    expect(canShow(of, value)).toBe(expected)
  })
})
