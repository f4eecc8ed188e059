import type { JsonObject } from './json.ts'
import type { ParamsFault } from './errors.ts'
import { messageOf } from './message-of.ts'
import { isStandard, issuePointer, type ParamsSchema, type SchemaIssue, type StandardSchema } from './schema.ts'

/** Faults that are told of a call, at most. */
const FAULTS_MAX = 50
/** Characters of each. */
const DETAIL_LENGTH_MAX = 1000

export type CheckedParams = { ok: true; value: unknown } | { ok: false; faults: ParamsFault[] }

/**
 * What a schema makes of the parameters of a call. Loaded by the first call of a handler that has one. A JSON Schema alone
 * checks nothing here: the control plane checks by it.
 */
export async function checkParams(schema: ParamsSchema, params: JsonObject): Promise<CheckedParams> {
  const validate = validatorOf(schema)
  if (!validate) return { ok: true, value: params }
  try {
    const result = await validate(params)
    if (!result.issues) return { ok: true, value: result.value }
    return { ok: false, faults: result.issues.slice(0, FAULTS_MAX).map(faultOf) }
  } catch (error) {
    return { ok: false, faults: [{ pointer: '/data/params', detail: `the schema itself failed: ${messageOf(error)}` }] }
  }
}

type Validate = StandardSchema['~standard']['validate']

function validatorOf(schema: ParamsSchema): Validate | undefined {
  if (isStandard(schema)) return (value) => schema['~standard'].validate(value)
  const { validate } = schema
  if (isStandard(validate)) return (value) => validate['~standard'].validate(value)
  return typeof validate === 'function' ? (validate as Validate) : undefined
}

function faultOf(issue: SchemaIssue): ParamsFault {
  return { pointer: issuePointer('/data/params', issue), detail: issue.message.slice(0, DETAIL_LENGTH_MAX) }
}
