import { toJsonSchema, toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createExecutor } from './executor.ts'
import type { Registered } from './handler.ts'
import { silentLogger } from './logger.ts'
import { manifestOf } from './manifest.ts'
import { checkParams } from './params.ts'
import { describeParams, PARAMS_SCHEMA_BYTES_MAX } from './params-schema.ts'
import type { JsonSchema, ParamsSchema } from './schema.ts'
import { SECRET } from './test-kit.ts'

const zodSchema = z.object({
  city: z.enum(['tianjin', 'shanghai']),
  times: z.int().min(1).default(1),
  since: z.iso.date().optional(),
})
const valibotSchema = v.object({
  city: v.picklist(['tianjin', 'shanghai']),
  times: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  since: v.optional(v.pipe(v.string(), v.isoDate())),
})
const arkSchema = type({
  city: "'tianjin' | 'shanghai'",
  times: 'number.integer >= 1 = 1',
  'since?': 'string.date.iso',
})
const written: JsonSchema = {
  type: 'object',
  properties: { city: { enum: ['tianjin', 'shanghai'] }, times: { type: 'integer', minimum: 1, default: 1 } },
  required: ['city'],
}

describe('what becomes of the schemas of each library', () => {
  test.each<[string, ParamsSchema]>([
    ['zod', zodSchema],
    ['valibot, made a Standard JSON Schema', toStandardJsonSchema(valibotSchema)],
    [
      'valibot, with its JSON Schema beside it',
      { validate: valibotSchema, jsonSchema: toJsonSchema(valibotSchema, { typeMode: 'input' }) as JsonSchema },
    ],
    ['arktype', arkSchema],
    [
      'a function, with a JSON Schema beside it',
      { validate: (value) => zodSchema['~standard'].validate(value), jsonSchema: written },
    ],
    ['JSON Schema itself', written],
  ])('%s: the control plane is told, and the handler is given what passed', async (name, schema) => {
    const described = describeParams(schema)
    expect(described).toHaveProperty('schema')
    const {
      properties,
      required,
      type: of,
    } = ('schema' in described ? described.schema : {}) as JsonSchema & { properties: object }
    expect([
      of,
      Object.keys(properties)
        .filter((key) => key !== 'since')
        .sort(),
      required,
    ]).toEqual(['object', ['city', 'times'], ['city']])
    expect(describeParams(schema)).toBe(described)
    const checks = name !== 'JSON Schema itself'
    const good = await checkParams(schema, { city: 'tianjin' })
    expect(good).toMatchObject({ ok: true, value: checks ? { city: 'tianjin', times: 1 } : { city: 'tianjin' } })
    const bad = await checkParams(schema, { city: 'paris' })
    expect(bad.ok).toBe(!checks)
    if (!bad.ok) expect(bad.faults[0]?.pointer).toBe('/data/params/city')
  })

  test.each<[string, ParamsSchema, RegExp]>([
    ['valibot alone', valibotSchema, /^valibot gives no JSON Schema here: pass \{ validate, jsonSchema \}$/],
    ['what JSON cannot say', z.object({ at: z.date() }), /date/i],
    ['parameters that are no object', z.string(), /parameters are an object, and it is of "string"/],
    ['a pair without a schema', { validate: zodSchema, jsonSchema: undefined as never }, /not a JSON Schema/],
    ['what is no schema at all', 'object' as never, /not a schema/],
    ['one that is too large', { description: 'x'.repeat(PARAMS_SCHEMA_BYTES_MAX) }, /more than 32768/],
    ['one that is too deep', nested(40), /more than 30 levels/],
    ['one that leads back to itself', circular(), /circular|cyclic/i],
  ])('%s is said, and not thrown', (_, schema, fault) => {
    expect(describeParams(schema)).toEqual({ fault: expect.stringMatching(fault) as string })
  })
})

test('of very much that is wrong with a call, some is told', async () => {
  const schema = v.object({ list: v.array(v.string()) })
  const { faults } = (await checkParams(schema, { list: Array.from({ length: 5000 }, () => 1) })) as {
    faults: { pointer: string }[]
  }
  expect(faults).toHaveLength(50)
  expect(faults.at(-1)?.pointer).toBe('/data/params/list/49')
  const wordy = { validate: () => ({ issues: [{ message: 'x'.repeat(1e6) }] }), jsonSchema: {} }
  expect(JSON.stringify(await checkParams(wordy, {})).length).toBeLessThan(1200)
})

test('a handler whose schema cannot be told is listed without it, and the log says why, once', () => {
  const warnings: unknown[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (fields: unknown) => warnings.push(fields) }
  const handlers = new Map<string, Registered>([
    ['told', { options: { params: zodSchema, description: 'Counts.' }, run: () => 1 }],
    ['untold', { options: { params: valibotSchema }, run: () => 1 }],
    ['plain', { options: {}, run: () => 1 }],
  ])
  const describe = () =>
    manifestOf({ namespace: 'default', service: 'billing', options: {}, logger }, handlers).handlers
  const described = describe()
  expect(described).toMatchObject([{ name: 'told', description: 'Counts.', params: { type: 'object' } }, {}, {}])
  expect(described.slice(1)).toEqual([{ name: 'untold' }, { name: 'plain' }])
  describe()
  expect(warnings).toEqual([{ handler: 'untold', fault: expect.stringContaining('valibot') as string }])
})

test('of many large schemas those that fit are told, so that a registration is never too large', () => {
  const large = () => ({ type: 'object', description: 'x'.repeat(30_000) })
  const handlers = new Map(
    Array.from({ length: 12 }, (_, i) => [`h${i}`, { options: { params: large() }, run: () => 1 }] as const),
  )
  const given = { namespace: 'default', service: 'billing', options: {}, logger: silentLogger }
  const told = manifestOf(given, handlers).handlers.filter(({ params }) => params !== undefined)
  expect(told).toHaveLength(8)
})

test('whatever a schema answers, describing it and checking by it never throw', async () => {
  const answer = fc.oneof(
    fc.anything(),
    fc.jsonValue().map((value) => ({ type: 'object', const: value })),
  )
  await fc.assert(
    fc.asyncProperty(answer, fc.boolean(), async (given, throws) => {
      const input = () => {
        if (throws) throw given
        return given
      }
      const validate = () => input() as never
      const standard = { '~standard': { version: 1, vendor: 'x', validate, jsonSchema: { input } } } as const
      const described = describeParams(standard)
      if ('schema' in described) expect(JSON.parse(JSON.stringify(described.schema))).toEqual(described.schema)
      else expect(described.fault).toBeTypeOf('string')
      expect((await checkParams(standard, {})).ok).toBeTypeOf('boolean')
    }),
  )
})

test('parameters have the type of what passed, whichever way the schema is given', () => {
  createExecutor({ service: 'billing', secret: SECRET })
    .job('zod', { params: zodSchema }, ({ params }) => params.times.toFixed())
    .job('valibot', { params: toStandardJsonSchema(valibotSchema) }, ({ params }) => params.times.toFixed())
    .job('arktype', { params: arkSchema }, ({ params }) => params.times.toFixed())
    .job('pair', { params: { validate: valibotSchema, jsonSchema: written } }, ({ params }) => params.times.toFixed())
    // @ts-expect-error -- nothing is known of what a JSON Schema lets through
    .job('json', { params: written }, ({ params }) => params.times.toFixed())
})

function nested(depth: number): JsonSchema {
  return depth === 0 ? {} : { items: nested(depth - 1) }
}

function circular(): JsonSchema {
  const schema: Record<string, unknown> = { type: 'object' }
  schema['properties'] = { self: schema }
  return schema
}
