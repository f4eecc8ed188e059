import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import { checkParams, schemaFault } from './check.ts'
import { PARAMS_SCHEMA_LIMITS } from './schema.ts'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })

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
    [
      'a pattern that is long when its repetitions are written out',
      object({ a: { type: 'string', pattern: '^((a{50}){50}|b)$' } }),
      { a: 'x' },
      0,
    ],
    [
      'spaces of any script',
      object({ a: { type: 'string', pattern: '^\\s[\\s,]\\[\\s$' } }),
      { a: '\u00a0\u3000[\u2003' },
      0,
    ],
    ['what is no space', object({ a: { type: 'string', pattern: '^\\s+$' } }), { a: 's' }, 1],
    ['formats that nobody knows', object({ a: { format: 'hasOwnProperty' } }), { a: 'x' }, 0],
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
    ['names with patterns', { properties: { l: { patternProperties: patterns(300) } } }, { l: names(6000) }],
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
    [
      'parts, as many as are checked,',
      { properties: { l: { items: { allOf: Array.from({ length: 98 }, () => ({ not: { const: 'x' } })) } } } },
      { l: counted(10_000) },
    ],
  ])('very many %s keep no node busy', (_, schema, params) => {
    const properties = 'properties' in schema ? schema : { properties: { l: schema } }
    expect(schemaFault(properties)).toBeUndefined()
    const begun = process.cpuUsage()
    expect(checkParams(properties, params)).toEqual([])
    expect(process.cpuUsage(begun).user).toBeLessThan(1_500_000)
  })

  test('where very much could be wrong, the first fault is enough', () => {
    const allOf = Array.from({ length: 150 }, () => ({ type: 'string' }))
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
    [
      'patterns of very many states',
      { properties: Object.fromEntries(counted(30).map((i) => [`p${i}`, { pattern: `x{1,900}${i}` }])) },
      /patterns of more than 10000 states/,
    ],
    ['an `$id` within', object({ a: { $id: 'https://example.com/a' } }), /`\$id` of its own/],
    ['no schema where one has to be', object({ a: 'string' }), /not a schema/],
    ['no JSON Schema', object({ a: { type: 'text' } }), /^is no JSON Schema: .*type/],
    ['no list where one has to be', { anyOf: {} }, /not a list/],
  ])('%s', (_, schema, fault) => {
    expect(schemaFault(schema)).toMatch(fault)
    expect(checkParams(schema, { a: 1 })).toEqual([])
  })
})

test('neither what is not kept compiled nor what was checked stays in memory', async () => {
  const left = [checkedBy(), checked()]
  for (const i of counted(200)) schemaFault(object({ [`a${i}`]: { type: 'string' } }))
  const last = checked()
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  await vi.waitFor(() => {
    gc()
    expect([...left, last].filter((ref) => ref.deref() !== undefined).length).toBe(0)
  })
})

/** A part of a schema that was checked by, and that nothing here holds. */
function checkedBy(): WeakRef<object> {
  const choice = { a: 'choice' }
  expect(checkParams(object({ a: { enum: [choice] } }), { a: 1 })).toHaveLength(1)
  return new WeakRef(choice)
}

/** Parameters that did not fit. */
function checked(): WeakRef<object> {
  const value = { a: 'value' }
  expect(checkParams(object({ a: { type: 'string' } }), { a: value })).toHaveLength(1)
  return new WeakRef(value)
}

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
