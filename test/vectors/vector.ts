/** A call or a reply, and the verdict on it: an entry of signatures.json. */
export interface Vector {
  name: string
  /** `call`: control plane to executor. `reply`: back; `attemptId` is that of the call. */
  direction: 'call' | 'reply'
  /** What the receiver knows, the newest last. */
  secrets: string[]
  /** What the sender signs with, when the headers are made exactly by the rules. */
  signedWith?: string[]
  attemptId?: string
  /** The receiver's clock, epoch milliseconds. */
  nowMs: number
  method: string
  path: string
  headers: Record<string, string>
  body: string
  /** Standard Webhooks alone: webhook-id, webhook-timestamp, webhook-signature. */
  verdict: 'accepted' | 'refused'
  reason?: string
  /** `cronclave-signature`, which covers method, path and `cronclave-*` headers too; only for calls. */
  requestVerdict?: 'accepted' | 'refused'
  /** False where the reference libraries of Standard Webhooks are laxer than this contract. */
  reference?: boolean
}

/** A call with a token, and the verdict on it: an entry of tokens.json. */
export interface TokenVector {
  name: string
  /** What the receiver knows. */
  issuer: string
  service: string
  keys: { kty: string; crv: string; x: string; kid: string; use: string }[]
  /** The receiver's clock, epoch milliseconds. */
  nowMs: number
  method: string
  authorization: string
  body: string
  verdict: 'accepted' | 'refused'
  reason?: string
  /** Byte that the seed of the private key repeats, where the token is made exactly by the rules. */
  seed?: number
}
