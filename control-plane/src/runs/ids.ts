import { createHash } from 'node:crypto'
import type { SkipReason } from './run.ts'
import type { Millis } from '../runtime/clock.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** Id of the run of a scheduled fire: a hash of (job uid, fire time), so that every node names it alike. 26 characters. */
export function scheduledRunId(job: number, fireTime: Millis): string {
  return hash(`run/${job}/${fireTime}`)
}

/** Id of a run that somebody asked for, from 16 random bytes drawn where the request entered. */
export function requestedRunId(bytes: Uint8Array): string {
  return base32(bytes)
}

/** Id of a closed stretch: a hash of (job uid, first fire, reason). */
export function stretchId(job: number, from: Millis, reason: SkipReason): string {
  return hash(`stretch/${job}/${from}/${reason}`)
}

/** Id of an attempt. It holds no dot, since it is the webhook-id. */
export function attemptId(run: string, shard: number, ordinal: number): string {
  return `${run}-${shard}-${ordinal}`
}

/** The run that an attempt id belongs to. */
export function runOfAttempt(attempt: string): string {
  const end = attempt.indexOf('-')
  return end < 0 ? attempt : attempt.slice(0, end)
}

function hash(text: string): string {
  return base32(createHash('sha256').update(text).digest())
}

/** The first 128 bits in lower-case base32 (RFC 4648 alphabet, no padding). */
function base32(bytes: Uint8Array): string {
  let out = ''
  let buffer = 0
  let bits = 0
  for (let i = 0; i < 16; i++) {
    buffer = (buffer << 8) | (bytes[i] ?? 0)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += ALPHABET[(buffer >> bits) & 31]
    }
    buffer &= 31
  }
  return out + ALPHABET[(buffer << (5 - bits)) & 31]
}
