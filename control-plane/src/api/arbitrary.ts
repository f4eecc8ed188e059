import * as fc from 'fast-check'
import type { ContractDocument, Schema } from './document.ts'

/** Values that a schema allows, mostly: numbers at their bounds, texts of their patterns, optional fields or not. */
export function fitting(document: ContractDocument, schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const resolved = resolve(document, schema)
  const { type } = resolved
  if (Array.isArray(resolved.oneOf)) {
    return fc.oneof(...(resolved.oneOf as Schema[]).map((one) => fitting(document, one, depth)))
  }
  if (Array.isArray(resolved.enum)) return fc.constantFrom(...(resolved.enum as unknown[]))
  if ('const' in resolved) return fc.constant(resolved.const)
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer' || type === 'number') return numbers(resolved)
  if (type === 'string') return texts(resolved)
  if (type === 'array') {
    const items = fitting(document, (resolved.items ?? {}) as Schema, depth + 1)
    return fc.array(items, { minLength: Number(resolved.minItems ?? 0), maxLength: 4 })
  }
  if (type === 'object') return objects(document, resolved, depth)
  return fc.jsonValue({ maxDepth: 3 })
}

/** What somebody might send instead. */
export function hostile(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue({ maxDepth: 5 }),
    fc.constantFrom<unknown>(
      '',
      ' ',
      '\u0000',
      '\ud800',
      '../../etc/passwd',
      '__proto__',
      'constructor',
      '{{params.x}}',
      'a\r\nset-cookie: b',
      '9'.repeat(400),
      'x'.repeat(10_000),
      -1,
      0.5,
      2 ** 53,
      1e308,
      null,
      [],
      {},
      [[[[[[[[[]]]]]]]]],
    ),
  )
}

/** A fitting value with something else in the place of one of its parts. */
export function spoiled(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(value, hostile(), fc.nat()).map(([whole, part, place]) => replaced(whole, part, place))
}

function replaced(whole: unknown, part: unknown, place: number): unknown {
  if (typeof whole !== 'object' || whole === null) return part
  const keys = Object.keys(whole)
  const key = keys[place % (keys.length + 1)]
  if (key === undefined)
    return Array.isArray(whole) ? [...(whole as unknown[]), part] : { ...whole, [`x${place % 7}`]: part }
  const inner = replaced((whole as Record<string, unknown>)[key], part, Math.floor(place / (keys.length + 1)))
  if (Array.isArray(whole)) return (whole as unknown[]).map((item, i) => (String(i) === key ? inner : item))
  return { ...whole, [key]: inner }
}

function objects(document: ContractDocument, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  const required = new Set((schema.required ?? []) as string[])
  if (properties.length === 0) {
    const value = fitting(
      document,
      typeof schema.additionalProperties === 'object' ? (schema.additionalProperties as Schema) : {},
      depth + 1,
    )
    return fc.dictionary(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,9}$/), value, {
      maxKeys: 3,
      noNullPrototype: true,
    })
  }
  const fields = Object.fromEntries(properties.map(([name, field]) => [name, fitting(document, field, depth + 1)]))
  return fc.record(fields, { requiredKeys: [...required].filter((name) => name in fields), noNullPrototype: true })
}

function numbers({ type, minimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = Number(minimum ?? -1000)
  const max = Number(maximum ?? 1000)
  const inside = type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
  return fc.oneof(inside, fc.constantFrom(min, max, Math.min(min + 1, max)))
}

function texts({ pattern, format, examples, maxLength }: Schema): fc.Arbitrary<string> {
  const known = Array.isArray(examples) ? [fc.constantFrom(...(examples as string[]))] : []
  if (format === 'date-time') {
    const min = new Date(Date.UTC(1970, 0, 1))
    return fc.date({ min, max: new Date(Date.UTC(2199, 0, 1)), noInvalidDate: true }).map((date) => date.toISOString())
  }
  if (typeof pattern === 'string') return fc.oneof(...known, fc.stringMatching(new RegExp(pattern), { size: 'small' }))
  return fc.oneof(...known, fc.string({ maxLength: Math.min(Number(maxLength ?? 30), 30) }))
}

function resolve(document: ContractDocument, schema: Schema): Schema {
  if (typeof schema.$ref === 'string') {
    const target = document.schemas[schema.$ref.split('/').at(-1) ?? '']
    return target ? resolve(document, target) : {}
  }
  if (!Array.isArray(schema.allOf)) return schema
  const [first = {}] = schema.allOf as Schema[]
  const base = resolve(document, first)
  return { ...base, required: [...((base.required ?? []) as string[]), ...((schema.required ?? []) as string[])] }
}
