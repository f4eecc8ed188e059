import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkParams, schemaFault } from './check.ts'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const faults = (schema: object, params: object) =>
  checkParams(schema, params).map(({ pointer, detail }) => `${pointer} ${detail}`)

describe('what does not fit is told with its place', () => {
  const city = object(
    { city: { enum: ['tianjin', 'shanghai'] }, times: { type: 'integer', minimum: 1 } },
    { required: ['city'] },
  )
  test.each<[string, object, object, string[]]>([
    ['what fits', city, { city: 'tianjin', times: 2 }, []],
    [
      'everything that is wrong',
      city,
      { city: 'paris', times: 0 },
      ['/params/city must be one of tianjin, shanghai', '/params/times must be at least 1'],
    ],
    ['what is missing', city, {}, ['/params/city is needed']],
    ['a name with a slash', object({}, { required: ['a/b'] }), {}, ['/params/a~1b is needed']],
    [
      'a name that nobody knows',
      object({ city: {} }, { additionalProperties: false }),
      { cty: 1 },
      ['/params/cty unknown, did you mean city?'],
    ],
    [
      'what everything has is not given by that',
      object({}, { required: ['toString'] }),
      {},
      ['/params/toString is needed'],
    ],
    [
      'a format',
      object({ on: { type: 'string', format: 'date' } }),
      { on: '2026-02-30' },
      ['/params/on must be a date such as 2026-11-20'],
    ],
    [
      'a form of the right type',
      object({ n: { anyOf: [{ type: 'number', minimum: 3 }, { type: 'null' }] } }),
      { n: 1 },
      ['/params/n must be at least 3'],
    ],
    [
      'none of the right type',
      object({ n: { anyOf: [{ type: 'number' }, { type: 'null' }] } }),
      { n: 'x' },
      ['/params/n fits none of the forms that it may have'],
    ],
    [
      'a choice of constants',
      object({ c: { oneOf: [{ const: 'a' }, { const: 'b', title: 'B' }] } }),
      { c: 'c' },
      ['/params/c must be one of a, b'],
    ],
    ['sums of tenths', object({ n: { type: 'number', multipleOf: 0.01 } }), { n: 0.07 }, []],
    [
      'a reference',
      { ...object({ to: { $ref: '#/$defs/mail' } }), $defs: { mail: { type: 'string', format: 'email' } } },
      { to: 'nobody' },
      ['/params/to must be an e-mail address'],
    ],
    [
      'a reference that is written as in a URL, into a list',
      { ...object({ to: { $ref: '#/$defs/a%20list/anyOf/0' } }), $defs: { 'a list': { anyOf: [{ type: 'null' }] } } },
      { to: 1 },
      ['/params/to must be null'],
    ],
    [
      'what stands beside a reference',
      { ...object({ n: { $ref: '#/$defs/n', minimum: 3 } }), $defs: { n: { type: 'number' } } },
      { n: 1 },
      ['/params/n must be at least 3'],
    ],
    [
      'which draft 7 does not look at',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        ...object({ n: { $ref: '#/$defs/n', minimum: 3 } }),
        $defs: { n: { type: 'number' } },
      },
      { n: 1 },
      [],
    ],
    [
      'a list of draft 7',
      object({ l: { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'number' } } }),
      { l: ['a', 'b'] },
      ['/params/l/1 must be a number'],
    ],
  ])('%s', (_, schema, params, expected) => {
    expect(faults(schema, params)).toEqual(expected)
  })

  test('no fault is longer than somebody reads', () => {
    const long = 'x'.repeat(20_000)
    for (const choice of [{ const: long }, { const: { long } }, { enum: [long, 1] }]) {
      const found = faults(object({ a: choice }), { a: 1.5 })
      expect(found.map(({ length }) => length < 1200)).toEqual([true])
    }
  })

  test('what is needed may come later, where that is asked for; what is there has to fit all the same', () => {
    expect(checkParams(city, {}, { partial: true })).toEqual([])
    expect(checkParams(city, { city: 1 }, { partial: true })).toHaveLength(1)
    expect(checkParams(object({ to: city }), { to: {} }, { partial: true })).toHaveLength(1)
  })

  test('so may what says which of several forms they have', () => {
    const form = (kind: string, more: object) =>
      object({ kind: { const: kind }, ...more }, { required: ['kind', 'to'] })
    const union = { oneOf: [form('mail', { to: { type: 'string' } }), form('page', { to: { type: 'integer' } })] }
    const given = (params: object) => checkParams(union, params, { partial: true }).map(({ pointer }) => pointer)
    expect(given({})).toEqual([])
    expect(given({ kind: 'mail' })).toEqual([])
    expect(given({ kind: 'mail', to: 1 })).toEqual(['/params/to'])
    expect(given({ kind: 'post' })).toEqual(['/params'])
    expect(checkParams(union, {})).toHaveLength(1)
    expect(
      checkParams({ minProperties: 1, oneOf: [{}, object({}, { required: ['a'] })] }, {}, { partial: true }),
    ).toEqual([])
    expect(checkParams({ oneOf: [{}, object({})] }, {}, { partial: true })).toEqual([])
  })
})

const leaf = fc.oneof(
  fc.constant({ type: 'string' }),
  fc.constant({ type: ['string', 'null'] }),
  fc.record({ type: fc.constantFrom('integer', 'number'), minimum: fc.integer({ min: -3, max: 3 }) }),
  fc.record({
    enum: fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b')), { minLength: 1 }),
  }),
  fc.record({ type: fc.constant('string'), pattern: fc.constantFrom('^a', 'b$', '^[ab]+$'), maxLength: fc.nat(3) }),
  fc.constant({ $ref: '#/$defs/shared' }),
  fc.boolean(),
)
const fewNames = fc.constantFrom('a', 'b', 'c')
const { schemas } = fc.letrec<{ schemas: unknown }>((tie) => ({
  schemas: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fewNames, tie('schemas')),
      required: fc.uniqueArray(fewNames),
      additionalProperties: fc.boolean(),
    }),
    fc.record({ type: fc.constant('array'), items: tie('schemas'), uniqueItems: fc.boolean() }),
    fc.record({ anyOf: fc.array(tie('schemas'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie('schemas'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schemas'), { minLength: 1, maxLength: 2 }), not: tie('schemas') }),
    fc.record({ if: tie('schemas'), else: tie('schemas') }),
  ),
}))
const { values } = fc.letrec<{ values: unknown }>((tie) => ({
  values: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<unknown>('', 'a', 'ab', 'aab', null, 0, 1, 2, -1, 1.5, true),
    fc.dictionary(fewNames, tie('values'), { noNullPrototype: true }),
    fc.array(tie('values'), { maxLength: 3 }),
  ),
}))

describe('of any schema', () => {
  test('the verdict is that of the schema as it was, where nothing of it is left to the handler', () => {
    const ajv = new Ajv2020({ strict: false, ownProperties: true })
    fc.assert(
      fc.property(schemas, fc.dictionary(fewNames, values, { noNullPrototype: true }), (properties, params) => {
        const schema = {
          ...object({ a: properties, b: properties }),
          $defs: { shared: { type: 'array', maxItems: 1 } },
        }
        expect(schemaFault(schema)).toBeUndefined()
        const { $defs, ...own } = schema
        const naive = ajv.validate({ ...own, $defs }, params)
        expect(checkParams(schema, params).length === 0).toBe(naive)
      }),
      { numRuns: 100 },
    )
  })

  test('whatever it is, it is read without throwing, and refuses or checks', () => {
    const keyword = fc.constantFrom(
      'properties',
      'items',
      'anyOf',
      'oneOf',
      'not',
      '$ref',
      'pattern',
      'type',
      'enum',
      '$id',
      'patternProperties',
      'required',
      '__proto__',
    )
    const { odd } = fc.letrec<{ odd: unknown }>((tie) => ({
      odd: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.dictionary(keyword, tie('odd')),
        fc.array(tie('odd'), { maxLength: 3 }),
        fc.constantFrom('#', '#/properties/a'),
      ),
    }))
    fc.assert(
      fc.property(
        fc.dictionary(keyword, odd),
        fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
        (schema, params) => {
          const fault = schemaFault(schema)
          const found = checkParams(schema, params)
          if (fault !== undefined) expect(found).toEqual([])
          expect(found.every(({ pointer }) => pointer.startsWith('/params'))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
