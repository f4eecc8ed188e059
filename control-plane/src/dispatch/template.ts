import type { HttpTarget } from '../jobs/job.ts'
import type { Fault } from '../problems.ts'
import { parseTemplate } from './placeholders.ts'
import { bodyOf, splitTarget } from './target-template.ts'

export const REDIRECTS_MAX = 5

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** Set by the connection or by the product; a user's value would contradict them. */
const FORBIDDEN_HEADERS = new Set(
  'host content-length transfer-encoding connection keep-alive proxy-connection upgrade expect te trailer'.split(' '),
)
const FORBIDDEN_PREFIXES = ['webhook-', 'cronclave-']

/** Every fault of a target that calls an HTTP endpoint, found when it is saved. Pointers are relative to the target. */
export function checkTarget(target: HttpTarget): Fault[] {
  return [
    ...checkMethod(target),
    ...checkAddress(target),
    ...checkQuery(target),
    ...checkHeaders(target),
    ...checkBody(target),
    ...checkReply(target),
  ]
}

function checkMethod({ method }: HttpTarget): Fault[] {
  if (!TOKEN.test(method)) return [{ pointer: '/method', detail: 'not an HTTP method' }]
  return method.toUpperCase() === 'CONNECT' || method.toUpperCase() === 'TRACE'
    ? [{ pointer: '/method', detail: `${method} cannot be scheduled` }]
    : []
}

function checkAddress({ url, path, service }: HttpTarget): Fault[] {
  if ((url === undefined) === (path === undefined)) {
    return [{ pointer: '', detail: 'exactly one of path and url is needed' }]
  }
  if (path !== undefined) {
    const faults = [...templateFaults(path, '/path'), ...pathFaults(path, '/path')]
    if (!path.startsWith('/')) faults.push({ pointer: '/path', detail: 'a path starts with /' })
    if (service === undefined)
      faults.push({ pointer: '/service', detail: 'a path needs a service whose executors are called' })
    return faults
  }
  return url === undefined ? [] : checkOwnUrl(url)
}

function checkOwnUrl(url: string): Fault[] {
  const pointer = '/url'
  if (!/^https?:\/\//i.test(url)) return [{ pointer, detail: 'a URL starts with http:// or https://' }]
  const authority = url.replace(/^https?:\/\//i, '').replace(/[/?#\\].*$/s, '')
  if (authority.includes('{{')) return [{ pointer, detail: 'no placeholder may stand in scheme, host or port' }]
  if (authority.includes('@')) return [{ pointer, detail: 'credentials may not stand in a URL' }]
  if (splitTarget({ url }).origin === undefined) return [{ pointer, detail: 'the host or port is not valid' }]
  return [...templateFaults(url, pointer), ...pathFaults(url, pointer)]
}

function pathFaults(text: string, pointer: string): Fault[] {
  const literal = text.replace(/\{\{.*?\}\}/gs, '')
  if (literal.includes('#')) return [{ pointer, detail: 'a fragment is never sent' }]
  if (literal.includes('\\')) return [{ pointer, detail: 'a backslash may not stand in a URL' }]
  // oxlint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(literal)) return [{ pointer, detail: 'a control character may not stand in a URL' }]
  return []
}

function checkQuery({ query }: HttpTarget): Fault[] {
  return Object.entries(query).flatMap(([name, value]) => {
    const pointer = `/query/${pointerPart(name)}`
    if (name.includes('{{')) return [{ pointer, detail: 'no placeholder may stand in the name of a parameter' }]
    return templateFaults(value, pointer)
  })
}

function checkHeaders({ headers }: HttpTarget): Fault[] {
  const seen = new Set<string>()
  return Object.entries(headers).flatMap(([name, value]) => {
    const pointer = `/headers/${pointerPart(name)}`
    const lower = name.toLowerCase()
    if (!TOKEN.test(name)) return [{ pointer, detail: 'not the name of a header' }]
    if (FORBIDDEN_HEADERS.has(lower)) return [{ pointer, detail: `${lower} is set by the connection` }]
    if (FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
      return [{ pointer, detail: `${lower} is set by the scheduler` }]
    }
    if (seen.has(lower)) return [{ pointer, detail: `${lower} is given twice` }]
    seen.add(lower)
    if (lower === 'content-type' && value.includes('{{')) {
      return [{ pointer, detail: 'no placeholder may stand in content-type: it says how the body is encoded' }]
    }
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      return [{ pointer, detail: 'a header holds no line breaks, control characters or characters above U+00FF' }]
    }
    return templateFaults(value, pointer)
  })
}

function checkBody(target: HttpTarget): Fault[] {
  if (target.body === undefined) return []
  if (/^(GET|HEAD)$/i.test(target.method)) return [{ pointer: '/body', detail: `${target.method} has no body` }]
  return (bodyOf(target)?.faults ?? []).map((detail) => ({ pointer: '/body', detail }))
}

function checkReply({ successStatuses, expect, redirectMax, method }: HttpTarget): Fault[] {
  const faults: Fault[] = []
  successStatuses.forEach((status, i) => {
    if (!Number.isInteger(status) || status < 100 || status > 599) {
      faults.push({ pointer: `/successStatuses/${i}`, detail: 'a status is a number from 100 to 599' })
    }
  })
  if (expect && expect.field.split('.').includes('')) {
    faults.push({ pointer: '/expect/field', detail: 'names parted by dots, e.g. data.ok' })
  }
  if (expect && method.toUpperCase() === 'HEAD')
    faults.push({ pointer: '/expect', detail: 'the reply to HEAD has no body' })
  if (!Number.isInteger(redirectMax) || redirectMax < 0 || redirectMax > REDIRECTS_MAX) {
    faults.push({ pointer: '/redirectMax', detail: `a number from 0 to ${REDIRECTS_MAX}` })
  }
  return faults
}

function templateFaults(text: string, pointer: string): Fault[] {
  return parseTemplate(text).faults.map((detail) => ({ pointer, detail }))
}

function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
