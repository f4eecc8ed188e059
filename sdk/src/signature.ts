import type { CheckCall, Unchecked } from './auth.ts'
import type { ExecutorClock } from './clock.ts'
import type { SignatureFault } from './errors.ts'
import type { HmacKey } from './hmac.ts'
import { fromBase64, type Keyring } from './keys.ts'

/** How far the caller's clock may be from ours, in seconds; fixed by Standard Webhooks. */
export const TOLERANCE_S = 300
/** Signatures looked at in one header; more are ignored. */
const SIGNATURES_MAX = 8
/** 32 bytes have one form in base64: the bits that are left over are zeros. */
const SIGNATURE = /^v1,[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

const encoder = new TextEncoder()

/** Either who signed what, or why it is refused; `skewS` is how far the timestamp is behind our clock. */
export type Verdict =
  | { ok: true; id: string; timestampS: number; key: HmacKey; job?: string }
  | { ok: false; fault: SignatureFault; skewS?: number }

/** Judges calls by the secrets of a service. */
export function checkSecrets(keyring: Keyring, clock: ExecutorClock): CheckCall {
  return async (call, body, env) => checkSignature(keyring(env, call.hmac), call, body, clock.now())
}

/** Judges a Standard Webhooks `v1` signature over the raw bytes, in constant time, against every key. */
export async function checkSignature(
  keys: readonly HmacKey[],
  call: Unchecked,
  body: Uint8Array,
  nowMs: number,
): Promise<Verdict> {
  const id = call.header('webhook-id')
  const timestamp = call.header('webhook-timestamp')
  const signature = call.header('webhook-signature')
  if (!id || !timestamp || !signature) return { ok: false, fault: 'missing-header' }
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, fault: 'malformed-timestamp' }
  const timestampS = Number(timestamp)
  const skewS = Math.floor(nowMs / 1000) - timestampS
  if (skewS > TOLERANCE_S) return { ok: false, fault: 'too-old', skewS }
  if (skewS < -TOLERANCE_S) return { ok: false, fault: 'too-new', skewS }
  const message = signedBytes(id, timestamp, body)
  const key = await findSigner(keys, signature, message)
  return key ? { ok: true, id, timestampS, key } : { ok: false, fault: 'no-match', skewS }
}

/** Finds which key made one of the `v1` signatures in a list. */
export async function findSigner(
  keys: readonly HmacKey[],
  signatures: string,
  message: Uint8Array<ArrayBuffer>,
): Promise<HmacKey | undefined> {
  for (const entry of signatures.split(' ', SIGNATURES_MAX)) {
    const mac = SIGNATURE.test(entry) ? fromBase64(entry.slice(3)) : undefined
    if (!mac) continue
    for (const key of keys) if (await key.verify(mac, message)) return key
  }
  return undefined
}

/** The headers that prove a reply is ours; `id` is `re_` and the id of the call. */
export async function signReply(
  key: HmacKey,
  id: string,
  nowMs: number,
  body: string,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const mac = await key.sign(encoder.encode(`${id}.${timestamp}.${body}`))
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
}

function signedBytes(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(`${id}.${timestamp}.`)
  const message = new Uint8Array(head.length + body.length)
  message.set(head)
  message.set(body, head.length)
  return message
}
