import type { ErrorObject } from 'ajv/dist/2020.js'
import type { Fault } from '../problems.ts'
import { unknownName } from '../runtime/suggest.ts'

/** Faults named in one reply, at most. */
export const FAULTS_MAX = 50
const NAME_LENGTH_MAX = 100

/** What is wrong, in words, from what the schema checker found. */
export function faultsOf(errors: readonly ErrorObject[]): Fault[] {
  const faults = new Map<string, Fault>()
  for (const error of errors) {
    if (faults.size >= FAULTS_MAX) break
    // `propertyNames` repeats what the check of the name itself said.
    if (error.keyword === 'propertyNames') continue
    const fault = faultOf(error)
    faults.set(`${fault.pointer} ${fault.detail}`, fault)
  }
  return [...faults.values()]
}

function faultOf(error: ErrorObject): Fault {
  const { keyword, instancePath, params } = error
  if (error.propertyName !== undefined) {
    return { pointer: `${instancePath}/${segment(error.propertyName)}`, detail: `the name ${sentence(error)}` }
  }
  if (keyword === 'additionalProperties') {
    const name = String(params.additionalProperty)
    return { pointer: `${instancePath}/${segment(name)}`, detail: unknownName(name, propertiesOf(error)) }
  }
  if (keyword === 'required')
    return { pointer: `${instancePath}/${segment(String(params.missingProperty))}`, detail: 'is needed' }
  if (keyword === 'discriminator') return discriminatorFault(error)
  return { pointer: instancePath, detail: sentence(error) }
}

function sentence(error: ErrorObject): string {
  const { params, parentSchema = {} } = error as ErrorObject & { parentSchema?: Record<string, unknown> }
  switch (error.keyword) {
    case 'type':
      return `must be ${article(String(params.type))}`
    case 'enum':
      return `must be one of ${choices(params.allowedValues as unknown[])}`
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue).slice(0, CHOICES_LENGTH_MAX)}`
    case 'pattern': {
      const hint = parentSchema['x-cronclave-hint']
      return `must be ${typeof hint === 'string' ? hint : `of the form ${String(params.pattern)}`}`
    }
    case 'format':
      return FORMATS[String(params.format)] ?? `must be of the format ${String(params.format)}`
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(params.passingSchemas)
        ? 'fits more than one of the forms of which it has to have one'
        : 'fits none of the forms that it may have'
    case 'not':
    case 'false schema':
      return error.keyword === 'not' ? 'must be something else' : 'may not be given'
    case 'exclusiveMinimum':
      return `must be more than ${params.limit}`
    case 'exclusiveMaximum':
      return `must be less than ${params.limit}`
    case 'multipleOf':
      return `must be a multiple of ${params.multipleOf}`
    case 'uniqueItems':
      return `has the same twice, as items ${params.j} and ${params.i}`
    case 'minLength':
      return params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`
    case 'maxLength':
      return `must have at most ${params.limit} characters`
    case 'minimum':
      return `must be at least ${params.limit}`
    case 'maximum':
      return `must be at most ${params.limit}`
    case 'minItems':
    case 'minProperties':
      return `must have at least ${params.limit}`
    case 'maxItems':
    case 'maxProperties':
      return `must have at most ${params.limit}`
    default:
      return error.message ?? 'is not valid'
  }
}

/** Choices named in one fault, at most, and characters of all of them. */
const CHOICES_MAX = 50
const CHOICES_LENGTH_MAX = 1000

function choices(values: readonly unknown[]): string {
  const words = values.slice(0, CHOICES_MAX).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const text = words.join(', ')
  if (text.length > CHOICES_LENGTH_MAX) return `${text.slice(0, CHOICES_LENGTH_MAX)}…`
  return values.length > CHOICES_MAX ? `${text}, …` : text
}

const FORMATS: Record<string, string> = {
  'date-time': 'must be a time such as 2026-11-20T15:00:00Z',
  date: 'must be a date such as 2026-11-20',
  email: 'must be an e-mail address',
  uri: 'must be a URL',
  uuid: 'must be a UUID',
}

function discriminatorFault(error: ErrorObject): Fault {
  const { tag } = error.params as { tag: string }
  const branches = ((error.parentSchema as { oneOf?: { $ref?: string }[] } | undefined)?.oneOf ?? []).length
  return {
    pointer: `${error.instancePath}/${tag}`,
    detail: branches === 0 ? 'is not known' : `must be one of the kinds that the contract names`,
  }
}

function propertiesOf(error: ErrorObject): string[] {
  const { properties } = (error.parentSchema ?? {}) as { properties?: Record<string, unknown> }
  return Object.keys(properties ?? {})
}

/** A name as a segment of a JSON pointer, cut to a length that can be shown. */
function segment(name: string): string {
  const shown = name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX)}…` : name
  return shown.replaceAll('~', '~0').replaceAll('/', '~1')
}

function article(type: string): string {
  const one = type.split(',').join(' or ')
  if (one === 'null') return one
  return /^[aeiou]/.test(one) ? `an ${one}` : `a ${one}`
}
