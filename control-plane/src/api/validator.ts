import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Fault } from '../problems.ts'
import type { ContractDocument, Parameter, Schema } from './document.ts'
import { faultsOf } from './faults.ts'

/** Checks a value; the faults found, none when it is valid. Parameters are coerced and filled in, in place. */
export type Check = (value: unknown) => Fault[]

/** Checks made from the contract. Each is compiled when it is first used, so a start costs nothing. */
export interface Validator {
  /** Of a JSON body: nothing is coerced or filled in. */
  body(schema: Schema): Check
  /** Of the parameters in one place, names as keys: text becomes numbers and booleans, defaults are filled in. */
  parameters(parameters: readonly Parameter[]): Check
}

const ROOT = 'contract'

export function createValidator(document: ContractDocument): Validator {
  const bodies = lazily(() => createAjv(document, { coerceTypes: false, useDefaults: false }))
  const parameters = lazily(() => createAjv(document, { coerceTypes: 'array', useDefaults: true }))
  return {
    body: (schema) => check(() => bodies().compile(withRoot(schema))),
    parameters: (list) => check(() => parameters().compile(withRoot(parametersSchema(list)))),
  }
}

function check(compile: () => ValidateFunction): Check {
  const validate = lazily(compile)
  return (value) => {
    const run = validate()
    return run(value) ? [] : faultsOf(run.errors ?? [])
  }
}

function createAjv(document: ContractDocument, options: { coerceTypes: 'array' | false; useDefaults: boolean }) {
  const ajv = new Ajv2020({
    ...options,
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    discriminator: true,
  })
  addFormats.default(ajv, ['date-time'])
  ajv.addVocabulary(['x-cronclave-hint', 'example'])
  ajv.addSchema({ $id: ROOT, $defs: withRoot(document.schemas) })
  return ajv
}

function parametersSchema(parameters: readonly Parameter[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter((parameter) => parameter.required).map((parameter) => parameter.name),
  }
}

/** The schema with its references pointing into the registered root; what only OpenAPI knows is left out. */
function withRoot<T>(schema: T): T {
  const text = JSON.stringify(schema, (key: string, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') return value.replace('#/components/schemas/', `${ROOT}#/$defs/`)
    if (key === 'discriminator') return { propertyName: (value as { propertyName: string }).propertyName }
    return value
  })
  return JSON.parse(text) as T
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
