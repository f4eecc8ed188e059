import type { JsonObject } from './json.ts'
import type { Settled } from './attempt.ts'
import type { Logger } from './logger.ts'
import { messageOf } from './message-of.ts'
import type { ParamsFault } from './problem.ts'
import { isStandard, issuePointer, type ParamsSchema, type SchemaIssue, type StandardSchema } from './schema.ts'

/** Faults that are told of a call, at most. */
const FAULTS_MAX = 50
/** Characters of each. */
const DETAIL_LENGTH_MAX = 1000

export type CheckedParams = { ok: true; value: unknown } | { ok: false; faults: ParamsFault[] }

/** The parameters of a call as its handler sees them, or why that is not called. Loaded by the first one that has a schema. */
export async function takeParams(
  schema: ParamsSchema,
  params: JsonObject,
  logger: Logger,
  tags: object,
): Promise<{ value: unknown } | Settled> {
  const checked = await checkParams(schema, params)
  if (checked.ok) return checked
  const { faults } = checked
  logger.warn({ ...tags, faults }, 'the parameters of a run do not fit its handler')
  const detail = `the parameters do not fit: ${faults.map((f) => `${f.pointer} ${f.detail}`).join('; ')}`
  return { kind: 'refused', problem: { code: 'invalid-params', detail, errors: faults } }
}

/** What a schema makes of parameters. A JSON Schema alone checks nothing here: the control plane checks by it. */
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
