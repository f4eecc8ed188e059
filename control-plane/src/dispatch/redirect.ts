import type { WireRequest } from './request.ts'

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** All that goes along to another origin: whatever else a user set may be a credential. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-language', 'content-type', 'user-agent'])

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/**
 * The request that a redirect asks for, as RFC 9110 section 15.4 and fetch have it: 303, and POST after 301 and 302,
 * become GET without a body. Our signature covers path and body, so it never goes along; on a change of origin
 * neither do credentials nor our own headers. A sentence when it cannot be followed.
 */
export function redirected(request: WireRequest, status: number, location: string | undefined): WireRequest | string {
  if (location === undefined || !URL.canParse(location, request.origin + request.path)) {
    return 'the redirect names no valid location'
  }
  const to = new URL(location, request.origin + request.path)
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return `the redirect leads to ${to.protocol}`
  if (to.username !== '' || to.password !== '') return 'the redirect leads to a URL with credentials'
  const elsewhere = to.origin !== request.origin
  const asGet =
    (status === 303 && request.method !== 'HEAD') || ((status === 301 || status === 302) && request.method === 'POST')
  return {
    origin: to.origin,
    method: asGet ? 'GET' : request.method,
    path: to.pathname + to.search,
    headers: keptHeaders(request, elsewhere, asGet),
    body: asGet ? undefined : request.body,
  }
}

function keptHeaders({ headers, signatures = [] }: WireRequest, elsewhere: boolean, bodyDropped: boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (elsewhere ? !HARMLESS_HEADERS.has(name) : isSignature(name) || signatures.includes(name)) continue
    if (bodyDropped && name === 'content-type') continue
    kept.push(name, headers[i + 1] ?? '')
  }
  return kept
}

function isSignature(name: string): boolean {
  return name.startsWith('webhook-') || name === 'cronclave-signature'
}
