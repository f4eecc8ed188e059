/** What zod, valibot, arktype and others implement: Standard Schema v1 (https://standardschema.dev), its types only. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema makes of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A JSON Schema, of draft 2020-12 or 7. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** What checks parameters here, and the JSON Schema by which the control plane checks them, where no library has both. */
export interface SchemaPair<Output = unknown> {
  /** A Standard Schema, or a function that answers as one does: `{ value }`, or `{ issues }`. */
  readonly validate:
    | StandardSchema<unknown, Output>
    | ((value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>)
  readonly jsonSchema: JsonSchema
}

/**
 * What says how parameters must be: a Standard Schema (zod, valibot, arktype), a JSON Schema, or a pair of both. A JSON
 * Schema alone is checked by the control plane, where jobs are saved and triggered; the handler gets any JSON object.
 */
export type ParamsSchema = StandardSchema | SchemaPair | JsonSchema

/** The type of a value that passed the schema. */
export type SchemaOutput<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined }
}
  ? Output
  : never

export function isStandard(schema: unknown): schema is StandardSchema {
  return isHeld(schema) && '~standard' in schema
}

/** What is written in JavaScript may be anything. */
export function isHeld(schema: unknown): schema is object {
  return typeof schema === 'function' || (typeof schema === 'object' && schema !== null)
}

/** The JSON pointer of an issue below `root`. */
export function issuePointer(root: string, issue: SchemaIssue): string {
  const keys = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  return root + keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
