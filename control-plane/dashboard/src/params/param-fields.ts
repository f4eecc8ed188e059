/** A JSON Schema, as the manifest of a service has it. */
export type Schema = { readonly [keyword: string]: unknown }

/** How a parameter is written. What no input is made for is written as JSON. */
export type ParamKind =
  | { type: 'text' | 'date' | 'date-time' | 'json' }
  | { type: 'number'; whole: boolean }
  | { type: 'choice'; values: readonly unknown[] }
  | { type: 'switch' }
  | { type: 'list'; of: 'text' | 'number' }
  | { type: 'group'; fields: readonly ParamField[] }

export interface ParamField {
  /** JSON pointer within the parameters. */
  pointer: string
  label: string
  hint?: string
  required: boolean
  /** What the handler takes when nothing is given. */
  fallback?: unknown
  kind: ParamKind
}

/** Fields of a form, or of a group in it; more of them are better written as JSON. */
const FIELDS_MAX = 50
/** Characters of what a field is called, and of what is said of it. */
const LABEL_LENGTH_MAX = 100
const HINT_LENGTH_MAX = 500

/** The form of parameters; undefined when there is none for them: they are written as JSON then. */
export function paramFields(schema: Schema): ParamField[] | undefined {
  const fields = fieldsWithin(resolved(schema, schema), schema, '', true)
  return fields.length === 0 || fields.length > FIELDS_MAX ? undefined : fields
}

/** Parameters that the schema does not name, and that a form has no field for. */
export function unnamed(schema: Schema, params: object): string[] {
  const { properties } = resolved(schema, schema)
  return Object.keys(params).filter((name) => !(isSchema(properties) && Object.hasOwn(properties, name)))
}

function fieldsWithin(schema: Schema, root: Schema, pointer: string, groups: boolean): ParamField[] {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).map(([name, property]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const own = isSchema(property) ? resolved(property, root) : {}
    const { title, description, default: fallback } = own
    return {
      pointer: at,
      label: (typeof title === 'string' && title !== '' ? title : name).slice(0, LABEL_LENGTH_MAX),
      ...(typeof description === 'string' && { hint: description.slice(0, HINT_LENGTH_MAX) }),
      required: required.includes(name),
      ...(fallback !== undefined && { fallback }),
      kind: kindOf(own, root, at, groups),
    }
  })
}

function kindOf(schema: Schema, root: Schema, pointer: string, groups: boolean): ParamKind {
  const values = valuesOf(schema)
  if (values !== undefined) return { type: 'choice', values }
  switch (schema['type']) {
    case 'string':
      return { type: schema['format'] === 'date' || schema['format'] === 'date-time' ? schema['format'] : 'text' }
    case 'number':
    case 'integer':
      return { type: 'number', whole: schema['type'] === 'integer' }
    case 'boolean':
      return { type: 'switch' }
    case 'array':
      return listOf(schema, root)
    case 'object':
      return groups ? groupOf(schema, root, pointer) : { type: 'json' }
    default:
      return { type: 'json' }
  }
}

/** What can be chosen, if these are all the values that there are. */
function valuesOf({ enum: values, const: only, anyOf, oneOf }: Schema): readonly unknown[] | undefined {
  if (Array.isArray(values)) return values.every(isSimple) ? values : undefined
  if (isSimple(only)) return [only]
  const branches = anyOf ?? oneOf
  if (!Array.isArray(branches) || branches.length === 0) return undefined
  const constants = branches.map((branch: unknown) => (isSchema(branch) ? branch['const'] : undefined))
  return constants.every(isSimple) ? constants : undefined
}

function listOf({ items }: Schema, root: Schema): ParamKind {
  const of = isSchema(items) ? resolved(items, root) : {}
  if (of['type'] === 'string') return { type: 'list', of: 'text' }
  return of['type'] === 'number' || of['type'] === 'integer' ? { type: 'list', of: 'number' } : { type: 'json' }
}

/** An object whose names are all known; what is in it is written as JSON when it is an object again. */
function groupOf(schema: Schema, root: Schema, pointer: string): ParamKind {
  const isOpen = isSchema(schema['additionalProperties']) || schema['patternProperties'] !== undefined
  const fields = fieldsWithin(schema, root, pointer, false)
  const isForm = !isOpen && fields.length > 0 && fields.length <= FIELDS_MAX
  return isForm ? { type: 'group', fields } : { type: 'json' }
}

/** References that are followed one after the other. */
const REFERENCES_MAX = 8

/** A schema without a reference, and without the form that only says that it may be null. */
function resolved(schema: Schema, root: Schema): Schema {
  let found = schema
  for (let turn = 0; turn < REFERENCES_MAX; turn++) {
    const { $ref: ref, ...own } = found
    const some = Array.isArray(own['anyOf']) ? own['anyOf'].filter((form) => !isNull(form)) : []
    const [only] = some
    const isNullable = Array.isArray(own['anyOf']) && some.length === 1 && isSchema(only)
    if (typeof ref === 'string') found = { ...target(ref, root), ...own }
    else if (isNullable) found = { ...only, ...without(own, 'anyOf') }
    else return found
  }
  return {}
}

function target(ref: string, root: Schema): Schema {
  let found: unknown = root
  for (const part of decoded(ref).split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, name)
    found = isThere ? (found as Schema)[name] : undefined
  }
  return ref.startsWith('#') && isSchema(found) ? found : {}
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

function without(schema: Schema, keyword: string): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== keyword))
}

function isNull(form: unknown): boolean {
  return isSchema(form) && form['type'] === 'null'
}

function isSimple(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
