import { hash } from 'node:crypto'
import { assert } from '../runtime/assert.ts'
import { hmacSha256 } from './hmac.ts'
import type { SigningKey } from './secret.ts'

const OWN_PREFIX = 'cronclave-'
const OWN_SIGNATURE = 'cronclave-signature'

/** A call as it will leave: exactly these bytes, this path, these headers. */
export interface OutgoingRequest {
  /** Keys of the service, the newest last; two while a secret is rotated. */
  keys: readonly SigningKey[]
  /** The attempt id; it may not hold a dot, which separates the signed parts. */
  id: string
  timestampMs: number
  method: string
  /** Path with the query, as sent. */
  path: string
  body: Buffer
  /** Headers of the call; those named `cronclave-*` are signed, the others ignored. */
  headers: Readonly<Record<string, string>>
}

/** What a signed call carries. */
export type SignatureHeaders = Record<
  'webhook-id' | 'webhook-timestamp' | 'webhook-signature' | 'cronclave-signature',
  string
>

/**
 * The headers that prove a call is ours: Standard Webhooks `v1` over id, time and raw body, and `cronclave-signature`
 * over method, path, body and our own headers as well. One signature per key, the newest last.
 */
export function signRequest(request: OutgoingRequest): SignatureHeaders {
  assert(request.keys.length > 0, 'a call is signed with at least one key')
  assert(!request.id.includes('.'), 'a webhook-id holds no dot')
  const timestamp = String(Math.floor(request.timestampMs / 1000))
  const head = `${request.id}.${timestamp}.`
  const parts = requestParts(request, timestamp)
  let webhook = ''
  let own = ''
  for (const { secret, requestKey } of request.keys) {
    const separator = webhook === '' ? '' : ' '
    webhook += `${separator}v1,${hmacSha256(secret, head, request.body, 'base64')}`
    own += `${separator}v1,${hmacSha256(requestKey, parts, undefined, 'base64')}`
  }
  return {
    'webhook-id': request.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': webhook,
    'cronclave-signature': own,
  }
}

/** The text under `cronclave-signature`: one part a line, without a last line break. */
export function requestParts(request: Omit<OutgoingRequest, 'keys' | 'timestampMs'>, timestamp: string): string {
  const digest = hash('sha256', request.body, 'hex')
  let parts = `request\n${request.id}\n${timestamp}\n${request.method}\n${request.path}\n${digest}`
  for (const line of ownHeaders(request.headers)) parts += `\n${line}`
  return parts
}

function ownHeaders(headers: Readonly<Record<string, string>>): string[] {
  const lines: string[] = []
  for (const name in headers) {
    const lower = name.toLowerCase()
    if (!lower.startsWith(OWN_PREFIX) || lower === OWN_SIGNATURE) continue
    const value = headers[name] ?? ''
    assert(/^[\t\x20-\x7e]*$/.test(value), `the header ${lower} holds printable ASCII only`)
    lines.push(`${lower}:${value.trim()}`)
  }
  return lines.length > 1 ? lines.sort() : lines
}
