import { type HmacKey, webKey } from './hmac.ts'
import { decodeSecret } from './keys.ts'
import { findSigner } from './signature.ts'

const OWN_PREFIX = 'cronclave-'
const OWN_SIGNATURE = 'cronclave-signature'
const REQUEST_KEY_INFO = 'cronclave-request-v1'

/** The parts of a call that Standard Webhooks leaves unsigned. */
export interface RequestParts {
  id: string
  timestamp: string
  method: string
  /** Path with the query, as it was sent. */
  path: string
  body: Uint8Array
  headers: Iterable<readonly [name: string, value: string]>
}

/** The key of `cronclave-signature`: HKDF-SHA256 of the secret. */
export async function deriveRequestKey(secret: string): Promise<HmacKey> {
  const base = await crypto.subtle.importKey('raw', decodeSecret(secret), 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(REQUEST_KEY_INFO)
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return webKey(new Uint8Array(await crypto.subtle.deriveBits(derivation, base, 256)))
}

/** Whether `cronclave-signature` covers exactly this method, path, body and these `cronclave-*` headers. */
export async function checkRequestSignature(
  keys: readonly HmacKey[],
  signature: string,
  parts: RequestParts,
): Promise<boolean> {
  const message = new TextEncoder().encode(await requestText(parts))
  return (await findSigner(keys, signature, message)) !== undefined
}

async function requestText({ id, timestamp, method, path, body, headers }: RequestParts): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(body)))
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const lines: string[] = []
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower.startsWith(OWN_PREFIX) && lower !== OWN_SIGNATURE) lines.push(`${lower}:${value.trim()}`)
  }
  return ['request', id, timestamp, method, path, hash, ...lines.sort()].join('\n')
}
