import { hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Millis } from '../runtime/clock.ts'
import { hmacSha256 } from './hmac.ts'

/** How long after the deadline of its attempt a token is good: what comes late is still kept. */
export const CALLBACK_GRACE_MS = 24 * 3_600_000
/** A token is never longer: attempt ids have at most 100 characters. */
const TOKEN_LENGTH_MAX = 300
const KEY_INFO = 'cronclave-callback-v1'

/** What a callback token says: of which attempt its bearer may report, and until when. */
export interface CallbackClaims {
  attempt: string
  /** Of the attempt: one of the same name in a restored cluster has another. */
  fencingToken: number
  expiresAt: Millis
}

/** The key of callback tokens: HKDF-SHA256 of the cluster key, the same on every node. */
export function deriveCallbackKey(clusterKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, '', KEY_INFO, 32))
}

/** The claims of an attempt whose deadline is known. */
export function callbackClaims(of: { id: string; fencingToken: number; deadline: Millis }): CallbackClaims {
  return { attempt: of.id, fencingToken: of.fencingToken, expiresAt: of.deadline + CALLBACK_GRACE_MS }
}

/** `base64url(attemptId.fencingToken.expires).HMAC`: any node can check it, and none has to remember it. */
export function callbackToken(key: Buffer, { attempt, fencingToken, expiresAt }: CallbackClaims): string {
  const text = Buffer.from(`${attempt}.${fencingToken}.${expiresAt}`).toString('base64url')
  return `${text}.${hmacSha256(key, text, undefined, 'base64url')}`
}

/** The claims of a token that this key signed and that is not over; undefined of any other text. */
export function readCallbackToken(key: Buffer, token: string, now: Millis): CallbackClaims | undefined {
  if (token.length > TOKEN_LENGTH_MAX) return undefined
  const [text = '', signature = '', more] = token.split('.')
  const given = Buffer.from(signature, 'base64url')
  const expected = Buffer.from(hmacSha256(key, text, undefined, 'binary'), 'latin1')
  if (more !== undefined || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const parts = /^([A-Za-z0-9_-]+)\.(\d+)\.(\d+)$/.exec(Buffer.from(text, 'base64url').toString('utf8'))
  if (!parts) return undefined
  const [, attempt = '', fencingToken, expires] = parts
  const claims = { attempt, fencingToken: Number(fencingToken), expiresAt: Number(expires) }
  return now < claims.expiresAt ? claims : undefined
}
