import { hash as digest } from 'node:crypto'
import type { ChildMoment } from '../jobs/job.ts'
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

/** Id of the run that a job's child gets when a run of it ends: a hash of (parent run, child job uid, moment). */
export function childRunId(parent: string, job: number, moment: ChildMoment): string {
  return hash(`child/${parent}/${job}/${moment}`)
}

/** Id of a run that does another one again: a hash of (that run, the number of the rerun among those of its job). */
export function rerunId(run: string, number: number): string {
  return hash(`rerun/${run}/${number}`)
}

/** Id of a run of a backfill: a hash of (backfill, fire time). */
export function backfillRunId(backfill: string, fireTime: Millis): string {
  return hash(`backfill/${backfill}/${fireTime}`)
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

/** The index of the shard that an attempt id belongs to; -1 when it is none. */
export function shardOfAttempt(attempt: string): number {
  const end = attempt.lastIndexOf('-')
  const start = attempt.lastIndexOf('-', end - 1)
  return start < 0 ? -1 : Number(attempt.slice(start + 1, end))
}

const BYTES = 16
const given = Buffer.alloc(BYTES)
const letters = Buffer.alloc(26)

function hash(text: string): string {
  given.write(digest('sha256', text, 'binary'), 'latin1')
  return base32(given)
}

/** The first 128 bits in lower-case base32 (RFC 4648 alphabet, no padding). */
function base32(bytes: Uint8Array): string {
  let buffer = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < BYTES; i++) {
    buffer = (buffer << 8) | (bytes[i] ?? 0)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      letters[at++] = ALPHABET.charCodeAt((buffer >> bits) & 31)
    }
    buffer &= 31
  }
  letters[at] = ALPHABET.charCodeAt((buffer << (5 - bits)) & 31)
  return letters.toString('latin1')
}
