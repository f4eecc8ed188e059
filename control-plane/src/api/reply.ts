import type { ReplyHeaders } from './handlers.ts'

/** A reply that is ready to be sent, by whatever carried the request. */
export interface PlainReply {
  status: number
  headers: ReplyHeaders
  body?: string | Uint8Array
}

/** Headers of every JSON reply. */
export function jsonHeaders(index: number): ReplyHeaders {
  return {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-cronclave-index': String(index),
  }
}

export function toResponse({ status, headers, body }: PlainReply): Response {
  // The web's types ask for bytes that are not shared with other threads, which ours never are.
  return new Response((body ?? null) as ConstructorParameters<typeof Response>[0], { status, headers })
}
