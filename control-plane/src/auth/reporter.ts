import type { Millis } from '../runtime/clock.ts'
import { readCallbackToken } from '../signing/callback-token.ts'
import type { Principal } from './authenticator.ts'

/** Who reports of attempts: the bearer of a callback token that is good. Undefined of any other credential. */
export function reporterOf(authorization: string | undefined, key: Buffer, now: Millis): Principal | undefined {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  const claims = readCallbackToken(key, token, now)
  if (!claims) return undefined
  const { attempt, expiresAt } = claims
  return { name: `attempt:${attempt}`, scope: 'service:-/-', token: '', by: 'token', expiresAt, attempt: claims }
}
