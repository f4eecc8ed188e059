import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkParams, schemaFault } from './check.ts'
import { PARAMS_SCHEMA_LIMITS } from './schema.ts'

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
      'a list of draft 7',
      object({ l: { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'number' } } }),
      { l: ['a', 'b'] },
      ['/params/l/1 must be a number'],
    ],
  ])('%s', (_, schema, params, expected) => {
    expect(faults(schema, params)).toEqual(expected)
  })

  test('what is needed may come later, where that is asked for; what is there has to fit all the same', () => {
    expect(checkParams(city, {}, { partial: true })).toEqual([])
    expect(checkParams(city, { city: 1 }, { partial: true })).toHaveLength(1)
    expect(checkParams(object({ to: city }), { to: {} }, { partial: true })).toHaveLength(1)
  })
})

describe('what cannot be checked in bounded time is left to the handler', () => {
  const tree = {
    ...object({ root: { $ref: '#/$defs/node' } }),
    $defs: { node: object({ name: { type: 'string' }, next: { $ref: '#/$defs/node' } }) },
  }
  test.each<[string, object, object, number]>([
    ['what leads back to itself is checked to there', tree, { root: { name: 1 } }, 1],
    ['and not beyond', tree, { root: { next: { name: 1 } } }, 0],
    ['a pattern with a lookahead', object({ a: { type: 'string', pattern: '^(?!x)' } }), { a: 'x' }, 0],
    ['a pattern that is long', object({ a: { type: 'string', pattern: 'y'.repeat(1001) } }), { a: 'x' }, 0],
    [
      'a pattern that would expand without end',
      object({ a: { type: 'string', pattern: '((a{500}){500}){500}' } }),
      { a: 'x' },
      0,
    ],
    ['what must not be, with such a pattern', object({ a: { not: { pattern: '^(?!x)' } } }), { a: 'y' }, 0],
    [
      'one of several, with such a pattern',
      object({ a: { oneOf: [{ pattern: '^(?!x)' }, { maxLength: 9 }] } }),
      { a: 'x' },
      0,
    ],
    [
      'on a condition with such a pattern',
      object({ a: JSON.parse('{ "if": { "pattern": "^(?!x)" }, "then": false }') as object }),
      { a: 'y' },
      0,
    ],
    [
      'names with such a pattern',
      object({}, { patternProperties: { '^(?!x)': true }, additionalProperties: false }),
      { y: 1 },
      0,
    ],
    ['other patterns are checked', object({ a: { type: 'string', pattern: '^[a-z]+$' } }), { a: 'X' }, 1],
  ])('%s', (_, schema, params, count) => {
    expect(schemaFault(schema)).toBeUndefined()
    expect(checkParams(schema, params)).toHaveLength(count)
  })

  test('no pattern keeps a node busy', () => {
    const schema = object({ a: { type: 'string', pattern: '^(a+)+$' } })
    const begun = process.cpuUsage()
    expect(checkParams(schema, { a: `${'a'.repeat(60_000)}!` })).toHaveLength(1)
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000)
  })

  test('values that break the comparison of values are left to the handler', () => {
    const schema = object({ l: { type: 'array', uniqueItems: true } })
    expect(checkParams(schema, { l: [{ valueOf: 1 }, { valueOf: 1 }] })).toEqual([])
  })

  test.each<[string, object, object]>([
    [
      'patterns',
      { allOf: Array.from({ length: 900 }, () => ({ pattern: 'a{0,90}b{0,90}$' })) },
      { l: 'a'.repeat(60_000) },
    ],
    ['names with patterns', { properties: { l: { patternProperties: patterns(900) } } }, { l: names(6000) }],
    [
      'comparisons',
      { properties: { l: { allOf: Array.from({ length: 900 }, () => ({ uniqueItems: true })) } } },
      { l: counted(10_000) },
    ],
    ['choices', { properties: { l: { items: { enum: counted(5000) } } } }, { l: counted(10_000) }],
    [
      'parts',
      { properties: { l: { items: { allOf: Array.from({ length: 400 }, () => ({ not: { const: 'x' } })) } } } },
      { l: counted(10_000) },
    ],
  ])('very many %s keep no node busy', (_, schema, params) => {
    const properties = 'properties' in schema ? schema : { properties: { l: schema } }
    expect(schemaFault(properties)).toBeUndefined()
    const begun = process.cpuUsage()
    expect(checkParams(properties, params)).toEqual([])
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000)
  })

  test('where very much could be wrong, the first fault is enough', () => {
    const allOf = Array.from({ length: 500 }, () => ({ type: 'string' }))
    expect(
      checkParams(object({ l: { items: { allOf } } }), { l: Array.from({ length: 10_000 }, () => 1) }),
    ).toHaveLength(1)
  })
})

describe('a schema that is of no use checks nothing, and says why', () => {
  const expanding = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `d${i}`,
      { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
    ]),
  )
  test.each<[string, object, RegExp]>([
    [
      'elsewhere',
      object({ a: { $ref: 'https://example.com/schema.json' } }),
      /^refers to "https:\/\/example.com\/schema.json", which is no pointer/,
    ],
    ['a name instead of a pointer', { $ref: '#node' }, /no pointer within it/],
    ['nowhere', { $ref: '#/$defs/none' }, /there is nothing/],
    ['too large', { description: 'x'.repeat(PARAMS_SCHEMA_LIMITS.bytes) }, /more than 32768/],
    [
      'too large in the end',
      { ...object({ a: { $ref: '#/$defs/d0' } }), $defs: { ...expanding, d12: {} } },
      /more than 1000 parts/,
    ],
    [
      'too many words in the end',
      {
        allOf: Array.from({ length: 400 }, () => ({ $ref: '#/$defs/d' })),
        $defs: { d: { description: 'x'.repeat(9000) } },
      },
      /more than 131072 bytes/,
    ],
    ['too deep', deep(40), /more than 32 levels/],
    ['an `$id` within', object({ a: { $id: 'https://example.com/a' } }), /`\$id` of its own/],
    ['no schema where one has to be', object({ a: 'string' }), /not a schema/],
    ['no JSON Schema', object({ a: { type: 'text' } }), /^is no JSON Schema: .*type/],
    ['no list where one has to be', { anyOf: {} }, /not a list/],
  ])('%s', (_, schema, fault) => {
    expect(schemaFault(schema)).toMatch(fault)
    expect(checkParams(schema, { a: 1 })).toEqual([])
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

function counted(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

function names(length: number): object {
  return Object.fromEntries(counted(length).map((i) => [`name${i}`, 1]))
}

function patterns(length: number): object {
  return Object.fromEntries(counted(length).map((i) => [`^x${i}[a-z]{0,9}$`, true]))
}

function deep(depth: number): object {
  return depth === 0 ? {} : { not: deep(depth - 1) }
}
