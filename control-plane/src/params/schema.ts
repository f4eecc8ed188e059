import { FORMATS } from './formats.ts'
import { isLinear, stepsOf } from './patterns.ts'

/** What a JSON Schema of parameters may be. It comes from executors, so nothing in it is trusted. */
export const PARAMS_SCHEMA_LIMITS = {
  /** Of it as JSON. */
  bytes: 32 * 1024,
  /** Levels of schemas within schemas, references followed. */
  depth: 32,
  /** Schemas in it, each as often as it is referred to. */
  parts: 1000,
  /** Of it as JSON, its references resolved. */
  expandedBytes: 128 * 1024,
  /** States of all of its patterns. */
  patternSize: 10_000,
} as const

export type Schema = boolean | { [keyword: string]: unknown }

/** What a check by a schema may take, at most. */
export interface SchemaCost {
  /** Schemas, constants and names in it: for each value. */
  parts: number
  /** For each character. */
  patternSteps: number
  /** For each pair of values. */
  uniqueItems: number
}

/** A schema that can be compiled, and what a check by it takes; or why it cannot be used. */
export type ReadSchema = { ok: true; schema: Schema; cost: SchemaCost } | { ok: false; fault: string }

/**
 * Makes a schema safe to check by: references are resolved in place (those that lead out of it are refused), only keywords
 * that are known stay, and what could take unbounded time is left to the handler, which checks as well: references that
 * lead back to themselves, and patterns that no linear engine takes. So the result refuses nothing that the schema allows.
 */
export function readSchema(raw: unknown): ReadSchema {
  const text = JSON.stringify(raw) as string | undefined
  if (text === undefined || !isObject(raw)) return { ok: false, fault: 'is not an object' }
  const bytes = Buffer.byteLength(text)
  if (bytes > PARAMS_SCHEMA_LIMITS.bytes) {
    return { ok: false, fault: `is ${bytes} bytes of JSON, more than ${PARAMS_SCHEMA_LIMITS.bytes}` }
  }
  const reader = new Reader(raw)
  try {
    const { schema } = reader.part(raw, 1, [])
    return { ok: true, schema, cost: reader.cost }
  } catch (error) {
    if (error instanceof SchemaFault) return { ok: false, fault: error.message }
    throw error
  }
}

class SchemaFault extends Error {}

/** A schema as it is checked. Not `exact`: it lets through more than the one that it was made of. */
interface Part {
  schema: Schema
  exact: boolean
}

type Keywords = { [keyword: string]: unknown }

/** Keywords whose value is taken as it is; the first ones say nothing of a value. */
const PLAIN = new Set([
  ...['title', 'description', 'default', 'format'],
  ...['type', 'enum', 'const', 'required', 'dependentRequired', 'minProperties', 'maxProperties'],
  ...['minItems', 'maxItems', 'uniqueItems', 'minContains', 'maxContains'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern'],
])
const OF_CONSTANTS = new Set(['const', 'type', 'title', 'description'])
const ONE = new Set(['items', 'additionalProperties', 'propertyNames', 'then', 'else'])
/** What fits inside of these may be refused outside: where less is checked inside, they are left out whole. */
const TURNING = new Set(['not', 'if', 'contains'])
const LISTS = new Set(['allOf', 'anyOf', 'prefixItems'])
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas'])
/** They would refuse something; here they do not. Everything else that is unknown says nothing of a value. */
const UNCHECKED = new Set(['unevaluatedProperties', 'unevaluatedItems', 'dependencies', '$dynamicRef', '$recursiveRef'])

interface Taken {
  keywords: Keywords
  exact: boolean
}

const NOTHING: Taken = { keywords: {}, exact: true }
const LEFT_OUT: Taken = { keywords: {}, exact: false }

class Reader {
  readonly cost: SchemaCost = { parts: 0, patternSteps: 0, uniqueItems: 0 }
  #parts = 0
  #bytes = 0
  readonly #patterns = new Set<string>()
  #patternSize = 0
  readonly #root: Keywords

  /** Up to it, what stands beside a reference says nothing. */
  readonly #isDraft7: boolean

  constructor(root: Keywords) {
    this.#root = root
    this.#isDraft7 = /\bdraft-0[4-7]\b/.test(String(root['$schema']))
  }

  /** `refs`: the references that led here. */
  part(value: unknown, depth: number, refs: readonly string[]): Part {
    const { depth: depthMax, parts: partsMax } = PARAMS_SCHEMA_LIMITS
    this.cost.parts++
    if (++this.#parts > partsMax) throw new SchemaFault(`has more than ${partsMax} parts, references followed`)
    if (depth > depthMax) throw new SchemaFault(`is nested more than ${depthMax} levels deep`)
    if (typeof value === 'boolean') return { schema: value, exact: true }
    if (!isObject(value)) throw new SchemaFault('holds something that is not a schema where one has to be')
    if (depth > 1 && '$id' in value) throw new SchemaFault('holds a schema with an `$id` of its own')
    const own = this.#keywords(value, depth, refs)
    if (!('$ref' in value)) return own
    const target = this.#target(value['$ref'], depth, refs)
    return this.#isDraft7 ? target : both(target, own)
  }

  #target(ref: unknown, depth: number, refs: readonly string[]): Part {
    if (typeof ref !== 'string' || !/^#(\/|$)/.test(ref)) {
      throw new SchemaFault(`refers to ${shown(ref)}, which is no pointer within it`)
    }
    if (refs.includes(ref) || ref === '#') return { schema: true, exact: false }
    const found = at(this.#root, ref)
    if (found === undefined) throw new SchemaFault(`refers to ${shown(ref)}, where there is nothing`)
    return this.part(found, depth + 1, [...refs, ref])
  }

  #keywords(value: Keywords, depth: number, refs: readonly string[]): Part {
    const schema: Keywords = {}
    let exact = true
    const inner = (content: unknown) => this.part(content, depth + 1, refs)
    for (const [keyword, content] of Object.entries(value)) {
      const taken = this.#keyword(keyword, content, value, inner)
      Object.assign(schema, taken.keywords)
      exact &&= taken.exact
    }
    return { schema: choicesOf(schema), exact }
  }

  #keyword(keyword: string, content: unknown, among: Keywords, inner: (content: unknown) => Part): Taken {
    if (UNCHECKED.has(keyword)) return LEFT_OUT
    if (PLAIN.has(keyword)) return this.#plain(keyword, content)
    // Draft 7 has a list where 2020-12 has `prefixItems`.
    if (keyword === 'items' && Array.isArray(content)) return listed('prefixItems', content, inner)
    if (keyword === 'additionalItems') return Array.isArray(among['items']) ? one('items', inner(content)) : NOTHING
    if (keyword === 'additionalProperties' && !hasLinearNames(among)) return LEFT_OUT
    if (ONE.has(keyword)) return one(keyword, inner(content))
    if (TURNING.has(keyword)) {
      const part = inner(content)
      return part.exact ? one(keyword, part) : LEFT_OUT
    }
    if (LISTS.has(keyword)) return listed(keyword, content, inner)
    if (keyword === 'patternProperties' && isObject(content)) Object.keys(content).forEach((name) => this.#count(name))
    if (MAPS.has(keyword)) return mapped(keyword, content, inner)
    return keyword === 'oneOf' ? alternatives(content, among, inner) : NOTHING
  }

  #plain(keyword: string, content: unknown): Taken {
    this.#bytes += JSON.stringify(content).length
    if (this.#bytes > PARAMS_SCHEMA_LIMITS.expandedBytes) {
      throw new SchemaFault(`is more than ${PARAMS_SCHEMA_LIMITS.expandedBytes} bytes of JSON, references followed`)
    }
    if (Array.isArray(content)) this.cost.parts += content.length
    if (keyword === 'uniqueItems') this.cost.uniqueItems++
    // What the compiler finds under any other name is not a format.
    if (keyword === 'format' && !(typeof content === 'string' && Object.hasOwn(FORMATS, content))) return NOTHING
    if (keyword === 'pattern') {
      if (typeof content !== 'string' || !isLinear(content)) return LEFT_OUT
      this.#count(content)
    }
    return { keywords: { [keyword]: content }, exact: true }
  }

  #count(pattern: string): void {
    const steps = stepsOf(pattern)
    this.cost.patternSteps += steps
    if (this.#patterns.has(pattern)) return
    this.#patterns.add(pattern)
    this.#patternSize += steps
    const { patternSize } = PARAMS_SCHEMA_LIMITS
    if (this.#patternSize > patternSize) throw new SchemaFault(`has patterns of more than ${patternSize} states`)
  }
}

function one(keyword: string, { schema, exact }: Part): Taken {
  return { keywords: { [keyword]: schema }, exact }
}

function listed(keyword: string, content: unknown, inner: (content: unknown) => Part): Taken {
  if (!Array.isArray(content)) throw new SchemaFault(`has \`${keyword}\` that is not a list`)
  const parts = content.map(inner)
  return { keywords: { [keyword]: parts.map(({ schema }) => schema) }, exact: parts.every(({ exact }) => exact) }
}

/** Of several that fit, one that checks less than it says may be the one too many: then any of them will do. */
function alternatives(content: unknown, among: Keywords, inner: (content: unknown) => Part): Taken {
  const taken = listed('oneOf', content, inner)
  if (taken.exact) return taken
  return 'anyOf' in among ? LEFT_OUT : { keywords: { anyOf: taken.keywords['oneOf'] }, exact: false }
}

function mapped(keyword: string, content: unknown, inner: (content: unknown) => Part): Taken {
  if (!isObject(content)) throw new SchemaFault(`has \`${keyword}\` that is not an object`)
  const isTaken = (name: string) => name !== '__proto__' && (keyword !== 'patternProperties' || isLinear(name))
  const entries = Object.entries(content)
  const parts = entries.filter(([name]) => isTaken(name)).map(([name, schema]) => [name, inner(schema)] as const)
  return {
    keywords: { [keyword]: Object.fromEntries(parts.map(([name, { schema }]) => [name, schema])) },
    exact: parts.length === entries.length && parts.every(([, { exact }]) => exact),
  }
}

function hasLinearNames({ patternProperties = {} }: Keywords): boolean {
  return isObject(patternProperties) && Object.keys(patternProperties).every(isLinear)
}

/** A choice between constants, however it was written, is an `enum`: what does not fit is told in one sentence. */
function choicesOf(schema: Keywords): Keywords {
  for (const keyword of ['anyOf', 'oneOf']) {
    const branches = schema[keyword]
    if (!Array.isArray(branches) || branches.length === 0 || 'enum' in schema) continue
    if (!branches.every(isConstant)) continue
    const { [keyword]: _, ...others } = schema
    return { ...others, enum: branches.map((branch: Keywords) => branch['const']) }
  }
  return schema
}

function isConstant(branch: unknown): boolean {
  return isObject(branch) && 'const' in branch && Object.keys(branch).every((keyword) => OF_CONSTANTS.has(keyword))
}

function both(target: Part, own: Part): Part {
  const exact = target.exact && own.exact
  if (isObject(own.schema) && Object.keys(own.schema).length === 0) return { schema: target.schema, exact }
  return { schema: { allOf: [target.schema, own.schema] }, exact }
}

/** What a pointer in a fragment leads to, if anything. */
function at(root: unknown, ref: string): unknown {
  let found = root
  for (const segment of decoded(ref).split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, name)
    found = isThere ? (found as Keywords)[name] : undefined
  }
  return found
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? 'nothing'
}

function isObject(value: unknown): value is Keywords {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
