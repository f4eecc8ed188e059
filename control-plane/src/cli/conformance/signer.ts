import type { SigningKey } from '../../signing/secret.ts'
import { signRequest } from '../../signing/request.ts'
import type { ReplyKey } from '../../signing/reply.ts'

/** What is signed of a call. */
export interface Unsigned {
  id: string
  timestampMs: number
  method: string
  url: URL
  body: Buffer
}

/** How calls are signed, and with what the answers to them are. */
export interface Signer {
  headers(call: Unsigned): Record<string, string>
  /** Keys of the answer to a call that left with these headers. */
  replyKeys(headers: Readonly<Record<string, string | undefined>>): readonly ReplyKey[]
}

/** Standard Webhooks, with as many signatures as there are keys. */
export function secretSigner(...keys: readonly SigningKey[]): Signer {
  return {
    headers: ({ url, ...call }) => signRequest({ ...call, keys, path: url.pathname + url.search, headers: {} }),
    replyKeys: () => keys,
  }
}
