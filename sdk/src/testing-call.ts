import type { ExecutorClock } from './clock.ts'
import type { SignatureFault } from './errors.ts'
import { type HmacKey, webKey } from './hmac.ts'
import { createKeyring, decodeSecret } from './keys.ts'
import { checkSignature, signReply } from './signature.ts'

const REQUEST_KEY_INFO = 'cronclave-request-v1'
const encoder = new TextEncoder()

/** A call as the control plane would make it: hand it to any HTTP client. */
export interface SignedCall {
  method: 'POST'
  headers: Record<string, string>
  body: string
}

/** Signs a body as the control plane does: Standard Webhooks, and method and path beside it. */
export async function signCall(
  secret: string,
  id: string,
  body: string,
  path: string,
  nowMs: number,
): Promise<SignedCall> {
  const headers = await signReply(webKey(decodeSecret(secret)), id, nowMs, body)
  const digest = hex(await crypto.subtle.digest('SHA-256', encoder.encode(body)))
  const text = ['request', id, headers['webhook-timestamp'], 'POST', path, digest].join('\n')
  const mac = await (await requestKey(secret)).sign(encoder.encode(text))
  const own = { 'content-type': 'application/json', 'cronclave-signature': `v1,${base64(new Uint8Array(mac))}` }
  return { method: 'POST', headers: { ...own, ...headers }, body }
}

/** The same with a token in place of signatures. */
export function callWithToken(token: string, body: string): SignedCall {
  return { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body }
}

/** What the answer to a call is signed with: the secret, or the token that came with the call. */
export function replyKeys({ headers }: SignedCall, secret: string | undefined): readonly HmacKey[] {
  const { authorization } = headers
  if (authorization !== undefined) return [webKey(encoder.encode(authorization.slice('Bearer '.length)))]
  return createKeyring(secret)({})
}

/** Why a reply is not the executor's word; nothing when it is. */
export async function replyFault(
  keys: readonly HmacKey[],
  callId: string,
  reply: { headers: Headers; body: Uint8Array },
  clock: ExecutorClock,
): Promise<SignatureFault | 'wrong-id' | undefined> {
  const { headers, body } = reply
  const id = headers.get('webhook-id')
  const signed = { header: (name: string) => headers.get(name) }
  const verdict = await checkSignature(keys, signed, body, clock.now())
  if (!verdict.ok) return verdict.fault
  return id === `re_${callId}` ? undefined : 'wrong-id'
}

/**
 * A secret of its own for each test run: none is written anywhere.
 * @example
 * const secret = testSecret()
 */
export function randomSecret(): string {
  return `whsec_${base64(crypto.getRandomValues(new Uint8Array(32)))}`
}

/** An id that no other call has. */
export function randomId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(12)).buffer)
}

async function requestKey(secret: string): Promise<HmacKey> {
  const base = await crypto.subtle.importKey('raw', decodeSecret(secret), 'HKDF', false, ['deriveBits'])
  const info = encoder.encode(REQUEST_KEY_INFO)
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return webKey(new Uint8Array(await crypto.subtle.deriveBits(derivation, base, 256)))
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
