import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkParams, schemaFault } from '../control-plane/src/params/check.ts'
import { describeParams } from '../sdk/src/params-schema.ts'
import type { StandardSchema } from '../sdk/src/schema.ts'

const Tree: z.ZodType = z.lazy(() => z.object({ name: z.string(), next: Tree.optional() }))

const LIBRARIES: [string, StandardSchema][] = [
  [
    'zod',
    z.object({
      text: z.string().min(1).max(4).optional(),
      date: z.iso.date().optional(),
      time: z.iso.datetime({ local: true, offset: true }).optional(),
      mail: z.email().optional(),
      url: z.url().optional(),
      uuid: z.uuid().optional(),
      count: z.int().min(0).max(9).default(1),
      step: z.number().multipleOf(0.1).optional(),
      choice: z.enum(['a', 'b']).nullable().optional(),
      either: z.union([z.string().regex(/^(?!x)/), z.number()]).optional(),
      kind: z
        .discriminatedUnion('is', [z.object({ is: z.literal('a'), a: z.string() }), z.object({ is: z.literal('b') })])
        .optional(),
      list: z.array(z.string()).max(2).optional(),
      names: z.record(z.string().regex(/^[a-z]+$/), z.boolean()).optional(),
      tree: Tree.optional(),
    }),
  ],
  [
    'valibot',
    toStandardJsonSchema(
      v.object({
        text: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(4))),
        date: v.optional(v.pipe(v.string(), v.isoDate())),
        time: v.optional(v.pipe(v.string(), v.isoTimestamp())),
        mail: v.optional(v.pipe(v.string(), v.email())),
        url: v.optional(v.pipe(v.string(), v.url())),
        uuid: v.optional(v.pipe(v.string(), v.uuid())),
        count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9)), 1),
        choice: v.optional(v.nullable(v.picklist(['a', 'b']))),
        either: v.optional(v.union([v.pipe(v.string(), v.regex(/^(?!x)/)), v.number()])),
        kind: v.optional(
          v.variant('is', [v.object({ is: v.literal('a'), a: v.string() }), v.object({ is: v.literal('b') })]),
        ),
        list: v.optional(v.pipe(v.array(v.string()), v.maxLength(2))),
      }),
    ),
  ],
  [
    'arktype',
    type({
      'text?': '1 <= string <= 4',
      'date?': 'string.date.iso',
      'mail?': 'string.email',
      'url?': 'string.url',
      'uuid?': 'string.uuid',
      count: '0 <= number.integer <= 9 = 1',
      'choice?': "'a' | 'b' | null",
      'either?': 'string | number',
      'kind?': type({ is: "'a'", a: 'string' }).or({ is: "'b'" }),
      'list?': 'string[] <= 2',
    }),
  ],
]

const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('', 'x', 'a', 'é', '🙂🙂🙂'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.constantFrom(
    '2026-11-20T15:00',
    '2026-11-20T15:00:00',
    '2026-11-20T15:00:00+08:00',
    '2026-11-20T15:00:00.123456Z',
  ),
  fc.emailAddress(),
  fc.webUrl(),
  fc.constantFrom('http://例子.com/ü', 'mailto:ada@example.com', 'x:y'),
  fc.uuid(),
)
const number = fc.oneof(
  fc.integer({ min: -1, max: 10 }),
  fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const kind = fc.oneof(fc.record({ is: fc.constant('a'), a: text }), fc.record({ is: fc.constantFrom('a', 'b', 'c') }))
const tree = fc.constantFrom<unknown>(
  { name: 'a' },
  { name: 'a', next: { name: 'b', next: { name: 'c' } } },
  { name: 1 },
  { name: 'a', next: { name: 1 } },
)
const values: Record<string, fc.Arbitrary<unknown>> = {
  ...{ text, date: text, time: text, mail: text, url: text, uuid: text, count: number, step: number, tree, kind },
  choice: fc.oneof(fc.constantFrom('a', 'b', null), text),
  either: fc.oneof(text, number, fc.boolean()),
  list: fc.array(text, { maxLength: 3 }),
  names: fc.dictionary(fc.constantFrom('a', 'bc', 'D'), fc.boolean(), { noNullPrototype: true }),
  more: fc.jsonValue(),
}
/** One at a time, so that the fault of one does not hide what becomes of another. */
const params = fc.oneof(...Object.entries(values).map(([name, value]) => value.map((given) => ({ [name]: given }))))

describe('the control plane refuses nothing that the library takes', () => {
  test.each(LIBRARIES)('%s', async (_, schema) => {
    const described = describeParams(schema)
    const jsonSchema = 'schema' in described ? described.schema : {}
    expect(described).not.toHaveProperty('fault')
    expect(schemaFault(jsonSchema)).toBeUndefined()
    const seen = { both: 0, neither: 0 }
    await fc.assert(
      fc.asyncProperty(params, async (given) => {
        const isTaken = (await schema['~standard'].validate(structuredClone(given))).issues === undefined
        const faults = checkParams(jsonSchema, given)
        if (isTaken) expect(faults).toEqual([])
        if (isTaken) seen.both++
        else if (faults.length > 0) seen.neither++
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(seen.both, seen.neither), 'both verdicts were tried').toBeGreaterThan(50)
  })
})
