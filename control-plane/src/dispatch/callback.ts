import type { OpenAttempt } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { callbackClaims, callbackToken } from '../signing/callback-token.ts'

/** Where an executor reports of an attempt, and with what. The token is a secret: it stands in no log line. */
export interface Callback {
  url: string
  token: string
  expiresAt: Millis
}

/** Makes the callback of an attempt. */
export type CallbackOf = (attempt: Pick<OpenAttempt, 'id' | 'fencingToken' | 'deadline'>) => Callback

/** Callbacks under the cluster's key, to the node that executors reach at `base`: `https://cron.example.com`. */
export function callbacksAt(base: string, key: Buffer): CallbackOf {
  return (attempt) => {
    const claims = callbackClaims(attempt)
    return { url: `${base}/v1/attempts/${attempt.id}`, token: callbackToken(key, claims), expiresAt: claims.expiresAt }
  }
}

/** Where executors report to. Warns of a node that listens on all addresses: which of them they reach it can't know. */
export function callbackBase(
  publicUrl: string | undefined,
  front: { url: string; isOnAll: boolean },
  logger: { warn(fields: object, message: string): void },
): string {
  if (publicUrl === undefined && front.isOnAll) {
    logger.warn(
      { callbackUrl: front.url },
      'it listens on all addresses and has no publicUrl: executors on other machines cannot report to the callback URL',
    )
  }
  return publicUrl ?? front.url
}
