import { createHash } from 'node:crypto'
import { Ajv2020, type ErrorObject, type Options, type ValidateFunction } from 'ajv/dist/2020.js'
import { faultsOf } from '../api/faults.ts'
import type { Fault } from '../problems.ts'
import { FORMATS } from './formats.ts'
import { linearRegExp } from './patterns.ts'
import { readSchema, type SchemaCost } from './schema.ts'
import { told } from './unions.ts'

/** Schemas kept compiled. */
const KEPT_MAX = 200
/** Parts of a schema times values, up to which every fault is looked for; beyond it the first one is enough. */
const ALL_FAULTS_MAX = 200_000
/** Parts of a schema times values, at most: 0.1 to 0.2 s. What takes more is left to the handler. */
const VISITS_MAX = 2_000_000
/** Pairs of values, and characters times states of patterns, at most; they are quicker. */
const STEPS_MAX = 10_000_000

export interface CheckOptions {
  /** Whoever runs it may still give what is needed at the top and is not there. */
  partial?: boolean
}

/** What parameters do not fit of a schema, with pointers below `/params`; nothing when the schema itself is of no use. */
export function checkParams(schema: object, params: object, { partial = false }: CheckOptions = {}): Fault[] {
  const known = compiled(schema)
  if ('fault' in known) return []
  const values = valuesIn(params)
  if (takesLong(known.cost, values, params)) return []
  const validate = known.cost.parts * values > ALL_FAULTS_MAX ? known.first() : known.all()
  if (fits(validate, params)) return []
  const found = validate.errors ?? []
  // They hold the parameters, and would be kept until the next check by this schema.
  validate.errors = null
  const errors = told(found, (error) => partial && isAbsence(error))
  return faultsOf(errors).map(({ pointer, detail }) => ({ pointer: `/params${pointer}`, detail }))
}

/** Names such as `valueOf` make the comparison of objects throw: then it is the handler's to say. */
function fits(validate: ValidateFunction, params: object): boolean {
  try {
    return validate(params)
  } catch {
    return true
  }
}

/** Why a schema cannot be used, if so. */
export function schemaFault(schema: object): string | undefined {
  const found = compiled(schema)
  return 'fault' in found ? found.fault : undefined
}

type Compiled = { fault: string } | { cost: SchemaCost; all(): ValidateFunction; first(): ValidateFunction }

/** By hash of the schema; the hash by the object, which the state keeps for as long as the schema is the newest. */
const kept = new Map<string, Compiled>()
const hashes = new WeakMap<object, string>()

function compiled(schema: object): Compiled {
  const hash = hashOf(schema)
  const found = kept.get(hash) ?? compile(schema)
  // What was used last goes last.
  kept.delete(hash)
  kept.set(hash, found)
  const [oldest] = kept.keys()
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
  return found
}

function hashOf(schema: object): string {
  let hash = hashes.get(schema)
  if (hash === undefined) {
    hash = createHash('sha256').update(JSON.stringify(schema)).digest('base64url')
    hashes.set(schema, hash)
  }
  return hash
}

function compile(raw: object): Compiled {
  const read = readSchema(raw)
  if (!read.ok) return { fault: read.fault }
  const { cost } = read
  const schema = typeof read.schema === 'boolean' ? { allOf: [read.schema] } : read.schema
  if (judge.validateSchema(schema) !== true) {
    return { fault: `is no JSON Schema: ${judge.errorsText(judge.errors, { dataVar: 'schema' })}`.slice(0, 300) }
  }
  try {
    const all = validatorOf(schema, true)
    let first: ValidateFunction | undefined
    return { cost, all: () => all, first: () => (first ??= validatorOf(schema, false)) }
  } catch (error) {
    return { fault: `cannot be compiled: ${(error as Error).message}`.slice(0, 300) }
  }
}

const OPTIONS: Options = {
  strict: false,
  verbose: true,
  logger: false,
  ownProperties: true,
  multipleOfPrecision: 9,
  formats: { ...FORMATS },
  // What it would save of a check it costs many times over here.
  code: { regExp: linearRegExp, optimize: false },
}

/** Says whether something is a JSON Schema; it has compiled only what says so itself. */
const judge = new Ajv2020({ ...OPTIONS, code: {} })

/** By a compiler of its own: one that is kept keeps everything that it ever compiled. */
function validatorOf(schema: object, allErrors: boolean): ValidateFunction {
  return new Ajv2020({ ...OPTIONS, allErrors, meta: false, validateSchema: false }).compile(schema)
}

/** What at the top is wrong only as long as no more is given. */
const ABSENCES = new Set(['required', 'minProperties', 'dependentRequired', 'oneOf'])

function isAbsence({ keyword, instancePath, params }: ErrorObject): boolean {
  if (instancePath !== '' || !ABSENCES.has(keyword)) return false
  return keyword !== 'oneOf' || Array.isArray((params as { passingSchemas?: unknown }).passingSchemas)
}

function takesLong({ parts, patternSteps, uniqueItems }: SchemaCost, values: number, params: object): boolean {
  const characters = patternSteps === 0 ? 0 : JSON.stringify(params).length
  return (
    parts * values > VISITS_MAX || uniqueItems * values * values > STEPS_MAX || patternSteps * characters > STEPS_MAX
  )
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  let count = 1
  for (const item of Object.values(value)) count += valuesIn(item)
  return count
}
