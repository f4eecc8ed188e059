import type { Millis } from '../runtime/clock.ts'
import { signGojob } from '../signing/gojob.ts'
import type { ReplyKey } from '../signing/reply.ts'
import { signRequest } from '../signing/request.ts'
import { signToken } from '../signing/token.ts'
import type { Signing, TokenSigning } from './scheme.ts'

/** A call that is about to be signed: exactly these bytes go to this address. */
export interface Unsigned {
  id: string
  /** The job; of calls that are about none, what they are. */
  subject: string
  method: string
  origin: string
  /** With query. */
  path: string
  body: Buffer
  /** Headers of the call; those named `cronclave-*` are signed by HMAC. */
  headers: Readonly<Record<string, string>>
}

export interface Signed {
  headers: Record<string, string>
  /** Under which a reply is the executor's word. */
  replyKeys: readonly ReplyKey[]
}

/** What proves that a call is ours, and how its reply is known. Without keys nothing is signed. */
export function signCall(signing: Signing, call: Unsigned, now: Millis): Signed {
  if ('kind' in signing) {
    return signing.kind === 'jwt'
      ? tokenHeaders(signing, call, now)
      : { headers: signGojob(signing.secret, call.path, now), replyKeys: [] }
  }
  if (signing.length === 0) return { headers: {}, replyKeys: [] }
  const { id, method, path, body, headers } = call
  const signed = signRequest({ keys: signing, id, timestampMs: now, method, path, body, headers })
  return { headers: signed, replyKeys: signing }
}

/**
 * An executor that holds no secret signs its reply under the token of the call: whoever got the call has it, and nobody
 * beside the way does.
 */
function tokenHeaders({ key, audience }: TokenSigning, call: Unsigned, now: Millis): Signed {
  const token = signToken(key, { ...call, audience, now })
  const headers = {
    'webhook-id': call.id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    authorization: `Bearer ${token}`,
  }
  return { headers, replyKeys: [{ secret: Buffer.from(token, 'latin1') }] }
}
