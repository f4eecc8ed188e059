import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseDuration } from '../runtime/duration.ts'
import { JOB_LIMITS, JOB_RULES } from './defaults.ts'
import { describeJob, resolveJob } from './definition.ts'

interface Schema {
  $ref?: string
  type?: string
  default?: unknown
  minimum?: number
  maximum?: number
  maxItems?: number
  properties?: Record<string, Schema>
}

const contract = parse(readFileSync(new URL('../../../openapi/openapi.yaml', import.meta.url), 'utf8')) as {
  components: { schemas: Record<string, Schema> }
}
const { JobDefinition, Schedule, HttpTarget } = contract.components.schemas

/** Defaults of a schema by path, durations in milliseconds. */
function defaults(schema: Schema | undefined, path = ''): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if (property.default !== undefined) found[`${path}${name}`] = inMs(property.default)
    Object.assign(found, defaults(property, `${path}${name}.`))
  }
  return found
}

function inMs(value: unknown): unknown {
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? value
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value)
}

function described(definition: object): ReturnType<typeof describeJob> {
  const resolved = resolveJob(definition)
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults))
  return describeJob(resolved.spec)
}

test('the defaults that the contract names are the ones that a definition gets', () => {
  const http = described({ target: { kind: 'http', url: 'http://a/' }, schedules: [{ every: '1m' }] })
  for (const [schema, value] of [
    [JobDefinition, { ...http, schedules: [] }],
    [Schedule, http.schedules[0]],
    [HttpTarget, http.target],
  ] as const) {
    const named = defaults(schema)
    expect(Object.keys(named).length).toBeGreaterThan(4)
    for (const [path, wanted] of Object.entries(named)) expect(inMs(valueAt(value, path)), path).toEqual(wanted)
  }
})

test('the bounds that the contract names are the ones that are checked', () => {
  const { misfire, retry, ...rules } = JOB_RULES
  const bounds = { 'misfire.max': misfire.max, 'retry.max': retry.max, 'retry.jitter': retry.jitter, ...numbers(rules) }
  expect(Object.keys(bounds)).toHaveLength(6)
  for (const [path, { min, max }] of Object.entries(bounds)) {
    const property = valueAt(JobDefinition, `properties.${path.replaceAll('.', '.properties.')}`)
    expect(property, path).toMatchObject({ minimum: min, maximum: max })
  }
  expect(JobDefinition?.properties?.['schedules']?.maxItems).toBe(JOB_LIMITS.schedules)
  expect(HttpTarget?.properties?.['redirectMax']).toMatchObject({ maximum: JOB_RULES.http.redirectMax.max })
})

function numbers({ maxConcurrentRuns, queueMax, priority }: Omit<typeof JOB_RULES, 'misfire' | 'retry'>) {
  return { maxConcurrentRuns, queueMax, priority }
}
