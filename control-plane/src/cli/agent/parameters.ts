import type { JsonObject, SchemaIssue, StandardSchema } from '@cronclave/sdk'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { faultsOf } from '../../api/faults.ts'
import type { Fault } from '../../problems.ts'
import type { AgentPlugin } from './plugin.ts'

/** Faults that one run is told of. */
const FAULTS_MAX = 20

/** The schema of a plugin as the SDK checks parameters by it, and as JSON Schema for whoever makes a form of it. */
export type ParametersSchema = StandardSchema<JsonObject> & {
  readonly '~standard': { readonly jsonSchema: { input(): JsonObject; output(): JsonObject } }
}

/** Checks parameters by the schema of a plugin, then by its own check. Throws when the schema is none. */
export function parametersSchema(plugin: AgentPlugin): ParametersSchema {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false, ownProperties: true })
  addFormats.default(ajv)
  const validate = ajv.compile<JsonObject>(plugin.parameters)
  const jsonSchema = () => plugin.parameters
  return {
    '~standard': {
      version: 1,
      vendor: 'cronclave',
      jsonSchema: { input: jsonSchema, output: jsonSchema },
      validate(value: unknown) {
        const faults = validate(value) ? checked(plugin, value) : faultsOf(validate.errors ?? [])
        if (faults.length > 0) return { issues: faults.slice(0, FAULTS_MAX).map(issueOf) }
        return { value: value as JsonObject }
      },
    },
  }
}

/** What the own check of a plugin says; whatever else it gives, a promise for one, is its own fault, and nothing is run. */
function checked(plugin: AgentPlugin, params: JsonObject): readonly Fault[] {
  const faults: unknown = plugin.check?.(params) ?? []
  if (faults instanceof Promise) faults.catch(() => {})
  if (Array.isArray(faults) && faults.every(isFault)) return faults
  return [{ pointer: '', detail: `the check of ${plugin.name} gave no list of {pointer, detail}` }]
}

function isFault(given: unknown): given is Fault {
  const { pointer, detail } = (given ?? {}) as Partial<Fault>
  return typeof pointer === 'string' && typeof detail === 'string'
}

function issueOf({ pointer, detail }: Fault): SchemaIssue {
  const path = pointer.split('/').slice(1)
  return { message: detail, path: path.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')) }
}
