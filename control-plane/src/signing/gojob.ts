import { createHmac } from 'node:crypto'
import type { Millis } from '../runtime/clock.ts'

export const GOJOB_SECRET_BYTES_MIN = 16
export const GOJOB_SECRET_BYTES_MAX = 256
/** Secrets that everybody knows: the defaults of that system. */
const KNOWN: readonly string[] = ['go-job-key', 'gojob']

/** What is wrong with a secret for this signature; undefined: nothing. Never quotes it. */
export function gojobSecretFault(secret: string): string | undefined {
  const bytes = Buffer.byteLength(secret)
  if (bytes < GOJOB_SECRET_BYTES_MIN || bytes > GOJOB_SECRET_BYTES_MAX)
    return `must hold ${GOJOB_SECRET_BYTES_MIN} to ${GOJOB_SECRET_BYTES_MAX} bytes`
  if (KNOWN.some((known) => isRepeated(secret.toLowerCase(), known))) return 'must not be the default of gojob'
  return new Set(secret).size < 6 ? 'must not consist of a few characters' : undefined
}

/**
 * The headers that executors of gojob check: HMAC-MD5 of request URI and milliseconds. It proves these two and nothing
 * else: not method, headers or body, and it may be replayed.
 */
export function signGojob(secret: string, path: string, now: Millis): Record<'x-timestamp' | 'x-sign', string> {
  const timestamp = String(now)
  const sign = createHmac('md5', secret).update(path).update(timestamp).digest('hex').toUpperCase()
  return { 'x-timestamp': timestamp, 'x-sign': sign }
}

function isRepeated(secret: string, known: string): boolean {
  return secret.replaceAll(known, '') === ''
}
