import type { JsonObject } from '@cronclave/sdk'
import type { Fault } from '../../problems.ts'
import type { EgressPolicy } from '../../dispatch/egress.ts'
import { parseDuration } from '../../runtime/duration.ts'

/** What a call to `rest` says, once it passed schema and check. */
export interface RestParameters {
  method?: string
  url: string
  query?: Record<string, Scalar | Scalar[]>
  headers?: Record<string, string>
  body?: string
  json?: JsonObject[string]
  base64?: string
  successStatuses?: number[]
  timeout?: string
  redirectMax?: number
  keepHeaders?: string[]
}

type Scalar = string | number | boolean

/** How long a call may take, at most; the deadline of the attempt may come before. */
const TIMEOUT_MS_MAX = 86_400_000
export const REDIRECTS_MAX = 5
const ENTRIES_MAX = 100
const VALUE_LENGTH_MAX = 8192

const SCALARS = ['string', 'number', 'boolean']

/** JSON Schema of the parameters of `rest`. */
export const REST_SCHEMA: JsonObject = {
  type: 'object',
  required: ['url'],
  additionalProperties: false,
  properties: {
    method: {
      type: 'string',
      pattern: '^[A-Za-z][A-Za-z0-9_-]{0,31}$',
      default: 'GET',
      description: 'Any method of HTTP but CONNECT',
    },
    url: { type: 'string', minLength: 1, maxLength: VALUE_LENGTH_MAX, description: 'http or https' },
    query: {
      type: 'object',
      maxProperties: ENTRIES_MAX,
      additionalProperties: { type: [...SCALARS, 'array'], maxItems: ENTRIES_MAX, items: { type: SCALARS } },
      description: 'Added to that of the URL; a list gives the name several times',
    },
    headers: {
      type: 'object',
      maxProperties: ENTRIES_MAX,
      additionalProperties: { type: 'string', maxLength: VALUE_LENGTH_MAX },
    },
    body: { type: 'string', description: 'The body as text' },
    json: { description: 'The body as JSON' },
    base64: { type: 'string', description: 'The body as base64, for bytes' },
    successStatuses: {
      type: 'array',
      maxItems: ENTRIES_MAX,
      items: { type: 'integer', minimum: 100, maximum: 599 },
      description: 'Statuses that are a success; 200 to 299 when none is given',
    },
    timeout: { type: 'string', maxLength: 20, description: 'How long the call may take, e.g. 30s' },
    redirectMax: { type: 'integer', minimum: 0, maximum: REDIRECTS_MAX, default: 0, description: 'Redirects followed' },
    keepHeaders: {
      type: 'array',
      maxItems: ENTRIES_MAX,
      items: { type: 'string', minLength: 1, maxLength: 100 },
      description: 'Headers of the reply that stand in the result, beside the usual ones',
    },
  },
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/
/** Printable characters of ISO 8859-1, and tabs. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** Those that say how a message is framed, or to whom. */
const OWN_HEADERS = new Set(
  'host content-length transfer-encoding connection keep-alive proxy-connection upgrade expect te trailer'.split(' '),
)
const BODIES = ['body', 'json', 'base64'] as const

/** What a schema cannot say about the parameters of `rest`. */
export function checkRest(params: RestParameters, egress: EgressPolicy, allowedHosts: readonly string[]): Fault[] {
  return [
    ...methodFaults(params),
    ...urlFaults(params.url, egress, allowedHosts),
    ...headerFaults(params.headers ?? {}),
    ...bodyFaults(params),
    ...timeoutFaults(params.timeout),
  ]
}

function methodFaults({ method = 'GET' }: RestParameters): Fault[] {
  return method.toUpperCase() === 'CONNECT' ? [fault('/method', 'CONNECT makes a tunnel, not a call')] : []
}

function urlFaults(url: string, egress: EgressPolicy, allowedHosts: readonly string[]): Fault[] {
  const refused = egress.checkUrl(url)
  if (refused) return [fault('/url', refused.detail)]
  const { hostname } = new URL(url)
  if (isAllowed(hostname, allowedHosts)) return []
  return [fault('/url', `this agent calls ${allowedHosts.slice(0, 10).join(', ')} only`)]
}

/** Whether a host is named: any is where none are; `*.example.com` names every one below. */
export function isAllowed(host: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase()
    return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted
  })
}

function headerFaults(headers: Record<string, string>): Fault[] {
  const seen = new Set<string>()
  return Object.entries(headers).flatMap(([name, value]) => {
    const key = name.toLowerCase()
    const at = `/headers/${segment(name)}`
    if (!TOKEN.test(name)) return [fault(at, 'is no name of a header')]
    if (OWN_HEADERS.has(key)) return [fault(at, 'is set by the agent')]
    if (seen.has(key)) return [fault(at, 'stands there twice')]
    seen.add(key)
    // The value may be a secret: it is never repeated.
    return VALUE.test(value) ? [] : [fault(at, 'has a character that no header may have')]
  })
}

function bodyFaults(params: RestParameters): Fault[] {
  const given = BODIES.filter((name) => params[name] !== undefined)
  const [first, ...others] = given
  const faults = others.map((name) => fault(`/${name}`, `there is ${first} already: a call has one body`))
  if (params.base64 !== undefined && !BASE64.test(params.base64)) faults.push(fault('/base64', 'is not padded base64'))
  return faults
}

function timeoutFaults(timeout: string | undefined): Fault[] {
  if (timeout === undefined) return []
  const ms = parseDuration(timeout)
  if (ms !== undefined && ms > 0 && ms <= TIMEOUT_MS_MAX) return []
  return [fault('/timeout', 'must be a duration of at most 24h, such as 30s')]
}

function segment(name: string): string {
  return name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')
}

function fault(pointer: string, detail: string): Fault {
  return { pointer, detail }
}
