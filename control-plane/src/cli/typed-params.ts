import type { Session } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'

type Schema = { readonly [keyword: string]: unknown }

/** Parameters as they are written on a command line: `key=value`, by key. */
export type WrittenParams = Record<string, string>

/**
 * What was written, as what the handler of the job says that it is: `zip=00100` is text where it says text. Where nothing is
 * known of a parameter, it is JSON if it can be, else text. Throws a fault for what is nothing of the kind.
 */
export async function typedParams(
  session: Session,
  job: string,
  written: WrittenParams | undefined,
): Promise<Record<string, unknown> | undefined> {
  if (written === undefined) return undefined
  const schema = await schemaOf(session, job)
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const entries = Object.entries(written).map(([name, text]) => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    return [name, isSchema(own) ? typed(name, text, own, schema) : exact(name, text)]
  })
  return Object.fromEntries(entries) as Record<string, unknown>
}

/** Empty where there is none, or where the token may not see it: the server checks in any case. */
async function schemaOf({ client, namespace }: Session, job: string): Promise<Schema> {
  const path = { namespace, job }
  const { data } = await client.api.GET('/v1/namespaces/{namespace}/jobs/{job}', { params: { path } })
  const target = data?.definition?.target
  if (target?.kind !== 'handler') return {}
  const manifest = await client.api.GET('/v1/namespaces/{namespace}/services/{service}/manifest', {
    params: { path: { namespace, service: target.service } },
  })
  return manifest.data?.handlers?.find(({ name }) => name === target.handler)?.params ?? {}
}

function typed(name: string, text: string, own: Schema, root: Schema): unknown {
  const forms = formsOf(own, root)
  const values = forms.flatMap(valuesOf)
  const known = values.find((value) => (typeof value === 'string' ? value : JSON.stringify(value)) === text)
  if (known !== undefined) return known
  const types = new Set(forms.flatMap(({ type }) => type ?? 'any').map(String))
  if (types.has('any') || isOfType(jsonOrText(text), types)) return exact(name, text)
  if (types.has('string')) return text
  const list = forms.find(({ type }) => type === 'array')
  if (list) return listOf(name, text, isSchema(list['items']) ? list['items'] : {}, root)
  throw new CommandFault(EXIT.usage, `${name}: "${text}" is not ${[...types].join(' or ')}.`)
}

/** `a,b` for a list of simple things; `[…]` for any. */
function listOf(name: string, text: string, items: Schema, root: Schema): unknown[] {
  if (text.startsWith('[')) throw new CommandFault(EXIT.usage, `${name}: "${text}" is not JSON.`)
  return text === '' ? [] : text.split(',').map((item) => typed(name, item, items, root))
}

function isOfType(value: unknown, types: ReadonlySet<string>): boolean {
  if (value === null) return types.has('null')
  if (Array.isArray(value)) return types.has('array')
  if (typeof value === 'number') return types.has('number') || (types.has('integer') && Number.isInteger(value))
  return types.has(typeof value) && (typeof value !== 'string' || types.size === 1)
}

/** References and forms within forms that are looked through. */
const TURNS_MAX = 8

/** The forms that a value may have, references followed. */
function formsOf(schema: Schema, root: Schema, turns = TURNS_MAX): Schema[] {
  const { $ref, anyOf, oneOf } = schema
  if (turns === 0) return [{}]
  if (typeof $ref === 'string') return formsOf(target($ref, root), root, turns - 1)
  const forms: unknown = anyOf ?? oneOf
  if (!Array.isArray(forms)) return [schema]
  return forms.flatMap((form) => (isSchema(form) ? formsOf(form, root, turns - 1) : [{}]))
}

function valuesOf(schema: Schema): unknown[] {
  if (Array.isArray(schema['enum'])) return schema['enum']
  return 'const' in schema ? [schema['const']] : []
}

function target(ref: string, root: Schema): Schema {
  let found: unknown = root
  for (const part of decoded(ref).split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, name)
    found = isThere ? (found as Schema)[name] : undefined
  }
  return isSchema(found) ? found : {}
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

/** JSON if it can be, else text. What JSON would make another number of is refused rather than changed. */
function exact(name: string, text: string): unknown {
  const value = jsonOrText(text)
  const number = value === text ? undefined : lossyNumber(text)
  if (number === undefined) return value
  throw new CommandFault(
    EXIT.usage,
    `${name}: ${number} is more than a number holds. In quotes it is text: '"${number}"'.`,
  )
}

const TOKENS = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs

function lossyNumber(json: string): string | undefined {
  return [...json.matchAll(TOKENS)].map(([token]) => token).find((token) => !token.startsWith('"') && !isKept(token))
}

function isKept(written: string): boolean {
  const value = Number(written)
  if (!/^-?\d+$/.test(written)) return Number.isFinite(value)
  return written === String(value) || (Number.isFinite(value) && BigInt(written) === BigInt(value))
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
