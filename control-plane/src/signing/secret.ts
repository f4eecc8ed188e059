import { hkdfSync } from 'node:crypto'
import type { Random } from '../runtime/random.ts'

const PREFIX = 'whsec_'
const GENERATED_BYTES = 32
const SECRET_BYTES_MIN = 24
const SECRET_BYTES_MAX = 64
const REQUEST_KEY_INFO = 'cronclave-request-v1'

/** A service's secret, ready to sign with. Made once per secret by `signingKey`, then kept. */
export interface SigningKey {
  /** Key of `webhook-signature`: the secret's bytes. */
  secret: Buffer
  /** Key of `cronclave-signature`: HKDF-SHA256 of the secret with info `cronclave-request-v1`. */
  requestKey: Buffer
}

/** A new service secret as Standard Webhooks writes it: `whsec_` and the base64 of 32 random bytes. */
export function generateSecret(random: Random): string {
  return PREFIX + Buffer.from(random.bytes(GENERATED_BYTES)).toString('base64')
}

/** The bytes of a `whsec_` secret. Throws an `Error` that says what is wrong and never quotes the secret. */
export function parseSecret(text: string): Buffer {
  if (!text.startsWith(PREFIX)) throw new Error(`a signing secret starts with ${PREFIX}`)
  const encoded = text.slice(PREFIX.length)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) throw new Error(`what follows ${PREFIX} must be padded standard base64`)
  if (bytes.length < SECRET_BYTES_MIN || bytes.length > SECRET_BYTES_MAX) {
    throw new Error(`a signing secret holds ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes, this one ${bytes.length}`)
  }
  return bytes
}

/** Both keys that a secret stands for; throws as `parseSecret` does. Costs a derivation, so keep the result. */
export function signingKey(text: string): SigningKey {
  const secret = parseSecret(text)
  return { secret, requestKey: Buffer.from(hkdfSync('sha256', secret, '', REQUEST_KEY_INFO, 32)) }
}
