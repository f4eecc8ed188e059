import type { Registered } from './handler.ts'
import type { Logger } from './logger.ts'
import { isObject, jsonDepth } from './json.ts'
import { messageOf } from './message-of.ts'
import { isHeld, isStandard, type JsonSchema, type ParamsSchema } from './schema.ts'

/** Bytes of the JSON Schema of one handler's parameters. */
export const PARAMS_SCHEMA_BYTES_MAX = 32 * 1024
/** Bytes of those of all handlers of an executor. */
const SCHEMAS_BYTES_MAX = 256 * 1024
/** How deep a schema may be nested: less than what the control plane takes of any JSON. */
const PARAMS_SCHEMA_DEPTH_MAX = 30
/** What a library is asked for; the control plane reads both. */
const TARGETS = ['draft-2020-12', 'draft-07']

/** The JSON Schema of parameters, or why there is none. */
export type DescribedParams = { schema: JsonSchema; bytes: number } | { fault: string }

const described = new WeakMap<ParamsSchema, DescribedParams>()

/** The JSON Schema that the control plane is told: it shows a form by it, and checks parameters. The same schema gives the same object. */
export function describeParams(schema: ParamsSchema): DescribedParams {
  if (!isHeld(schema)) return { fault: 'it is not a schema' }
  let found = described.get(schema)
  if (!found) described.set(schema, (found = describe(schema)))
  return found
}

/**
 * The JSON Schemas of handlers' parameters, by name of the handler. One that cannot be turned into JSON Schema is left out,
 * and `logger` is told why, once.
 */
export function paramsSchemas(handlers: ReadonlyMap<string, Registered>, logger: Logger): Map<string, JsonSchema> {
  let bytesLeft = SCHEMAS_BYTES_MAX
  const told = new Map<string, JsonSchema>()
  for (const [name, { options }] of handlers) {
    const params = options.params && describeParams(options.params)
    if (!params) continue
    if ('schema' in params && params.bytes <= bytesLeft) {
      bytesLeft -= params.bytes
      told.set(name, params.schema)
    } else warn(logger, name, options, 'fault' in params ? params.fault : ALL_TOO_LARGE)
  }
  return told
}

const ALL_TOO_LARGE = `with it the schemas of all handlers have more than ${SCHEMAS_BYTES_MAX} bytes`
const warned = new WeakSet<object>()

function warn(logger: Logger, handler: string, options: object, fault: string): void {
  if (warned.has(options)) return
  warned.add(options)
  logger.warn(
    { handler, fault },
    'the schema of a handler is not told to the control plane, which checks no parameters by it',
  )
}

function describe(schema: ParamsSchema): DescribedParams {
  try {
    const converted = convert(schema)
    return 'fault' in converted ? converted : bounded(converted.schema)
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

/** What libraries have beside `validate`: the Standard JSON Schema of https://standardschema.dev/json-schema. */
interface Converter {
  readonly input?: (options: { target: string }) => unknown
}

function convert(schema: ParamsSchema): { schema: unknown } | { fault: string } {
  if (!isStandard(schema)) return { schema: 'validate' in schema ? schema['jsonSchema'] : schema }
  const { vendor, jsonSchema } = schema['~standard'] as { vendor: string; jsonSchema?: Converter }
  if (typeof jsonSchema?.input !== 'function')
    return { fault: `${vendor} gives no JSON Schema here: pass { validate, jsonSchema }` }
  let first: unknown
  for (const target of TARGETS) {
    try {
      return { schema: jsonSchema.input({ target }) }
    } catch (error) {
      first ??= error
    }
  }
  throw first
}

function bounded(schema: unknown): DescribedParams {
  const text = (JSON.stringify(schema) as string | undefined) ?? 'null'
  const plain: unknown = JSON.parse(text)
  if (!isObject(plain)) return { fault: 'it is not a JSON Schema' }
  const { type } = plain
  if (type !== undefined && ![type].flat().includes('object')) {
    return { fault: `parameters are an object, and it is of ${JSON.stringify(type)}` }
  }
  const bytes = new TextEncoder().encode(text).length
  if (bytes > PARAMS_SCHEMA_BYTES_MAX) return { fault: `it has ${bytes} bytes, more than ${PARAMS_SCHEMA_BYTES_MAX}` }
  const isDeep = jsonDepth(text) > PARAMS_SCHEMA_DEPTH_MAX
  if (isDeep) return { fault: `it is nested more than ${PARAMS_SCHEMA_DEPTH_MAX} levels deep` }
  return { schema: plain, bytes }
}
