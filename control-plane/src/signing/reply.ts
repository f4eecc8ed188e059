import { timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'
import type { SigningKey } from './secret.ts'

/** How far a reply's clock may be from ours, in seconds; fixed by Standard Webhooks. */
const TOLERANCE_S = 300
/** Signatures looked at in one header; more are ignored. */
const SIGNATURES_MAX = 8

/** Why a reply is not taken for the executor's word. */
export type ReplyFault = 'missing-header' | 'wrong-id' | 'malformed-timestamp' | 'too-old' | 'too-new' | 'no-match'
export type ReplyVerdict = { ok: true } | { ok: false; reason: ReplyFault }

/** What a reply may be signed with. */
export type ReplyKey = Pick<SigningKey, 'secret'>

/** A reply as it arrived; header names in lower case, as node:http and undici give them. */
export interface IncomingReply {
  keys: readonly ReplyKey[]
  /** Of the call that is answered: the reply's `webhook-id` must be `re_<attemptId>`, so no request passes as one. */
  attemptId: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
  nowMs: number
}

/** Whether a reply comes from the executor we called: a Standard Webhooks signature by any of the service's keys. */
export function verifyReply({ keys, attemptId, headers, body, nowMs }: IncomingReply): ReplyVerdict {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return { ok: false, reason: 'missing-header' }
  }
  if (id !== `re_${attemptId}`) return { ok: false, reason: 'wrong-id' }
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'malformed-timestamp' }
  const ageS = Math.floor(nowMs / 1000) - Number(timestamp)
  if (ageS > TOLERANCE_S) return { ok: false, reason: 'too-old' }
  if (ageS < -TOLERANCE_S) return { ok: false, reason: 'too-new' }
  const given = signatures.split(' ', SIGNATURES_MAX)
  return keys.some(({ secret }) => matches(secret, `${id}.${timestamp}.`, body, given))
    ? { ok: true }
    : { ok: false, reason: 'no-match' }
}

/** `v1,` and the base64 of 32 bytes. */
const SIGNATURE_LENGTH = 47
const expected = Buffer.alloc(SIGNATURE_LENGTH)
const presented = Buffer.alloc(SIGNATURE_LENGTH)

function matches(secret: Buffer, head: string, body: Buffer, given: readonly string[]): boolean {
  expected.write(`v1,${hmacSha256(secret, head, body, 'base64')}`, 'latin1')
  let found = false
  for (const signature of given) {
    if (signature.length !== SIGNATURE_LENGTH) continue
    presented.write(signature, 'latin1')
    if (timingSafeEqual(presented, expected)) found = true
  }
  return found
}
