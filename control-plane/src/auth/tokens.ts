import { hash as digest, timingSafeEqual } from 'node:crypto'
import type { Random } from '../runtime/random.ts'
import type { State, Token } from '../state/state.ts'

const PREFIX = 'cct_'
const TOKEN_BYTES = 32
const ID_BYTES = 9
/** Longer credentials are refused unread. */
const TOKEN_LENGTH_MAX = 200

/** A bearer token and what is kept of it. The token is shown once and stored nowhere. */
export function newToken(random: Random): { token: string; hash: string } {
  const token = PREFIX + Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
  return { token, hash: hashToken(token) }
}

/** An id for a token, unrelated to the token itself. */
export function newTokenId(random: Random): string {
  return `tok_${Buffer.from(random.bytes(ID_BYTES)).toString('base64url')}`
}

/** Lower-case hex SHA-256: what the state knows of a token. */
export function hashToken(token: string): string {
  return digest('sha256', token, 'hex')
}

/** The token that this text is, unless it is unknown or has expired. */
export function findToken(state: State, text: string, now: number): Token | undefined {
  if (text.length > TOKEN_LENGTH_MAX) return undefined
  const hash = hashToken(text)
  const id = state.tokenHashes.get(hash)
  const token = id === undefined ? undefined : state.tokens.get(id)
  if (!token || !timingSafeEqual(Buffer.from(token.hash, 'utf8'), Buffer.from(hash, 'utf8'))) return undefined
  return isLive(token, now) ? token : undefined
}

/** Whether the token still stands at `now`. */
export function isLive(token: Token, now: number): boolean {
  return token.expiresAt === undefined || now < token.expiresAt
}
