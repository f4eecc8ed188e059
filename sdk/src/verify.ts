import type { Auth } from './auth.ts'
import { systemClock, type ExecutorClock } from './clock.ts'
import { SignatureError, type SignatureFault } from './errors.ts'
import type { HmacKey } from './hmac.ts'
import { createKeyring, listSecrets } from './keys.ts'
import { describeFault } from './refusals.ts'
import { checkRequestSignature, deriveRequestKey } from './request-signature.ts'
import { checkSignature } from './signature.ts'

export type { Auth } from './auth.ts'
export { isCronclaveError, SignatureError, type SignatureFault } from './errors.ts'

/** A call as your endpoint received it. */
export interface ReceivedCall {
  /** A `Headers`, or an object as node:http has it. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The raw bytes, before any parser. */
  body: Uint8Array
  /**
   * With `secret`, and with `path`: `cronclave-signature` is verified too, so that method, path and `cronclave-*` headers can
   * be relied on. With `auth`: the token is to be for this method.
   */
  method?: string
  /** Path with the query, as it was sent. With `auth` it is not looked at: tokens cover neither path nor `cronclave-*` headers. */
  path?: string
}

/** What a verified call proves. */
export interface VerifiedCall {
  /** The attempt id: the same for one call delivered twice. */
  id: string
  timestamp: Date
  /** With `auth`: the job that called. */
  job?: string
}

/** Verifies calls of the control plane for endpoints that do without an executor. */
export interface Verifier {
  /** Resolves for a call that was signed with a known secret or key less than five minutes ago; rejects with a `SignatureError`. */
  verify(call: ReceivedCall): Promise<VerifiedCall>
}

/**
 * A verifier for one service; several secrets while one is rotated. Throws a `ConfigError` for a secret of the wrong form.
 * @example
 * const verifier = createVerifier({ secret: process.env.CRONCLAVE_SECRET })
 * const { id } = await verifier.verify({ headers: req.headers, body: rawBytes, method: req.method, path: req.url })
 */
export function createVerifier(options: SecretVerifierOptions | TokenVerifierOptions): Verifier {
  return 'auth' in options ? tokenVerifier(options) : secretVerifier(options)
}

export interface SecretVerifierOptions {
  secret: string | undefined | readonly (string | undefined)[]
  clock?: ExecutorClock
}

/** For a service whose calls are tokens. */
export interface TokenVerifierOptions {
  /** `jwt({ issuer })` of `@cronclave/sdk/jwt`. */
  auth: Auth
  /** The service that the tokens are for. */
  service: string
  /** @default globalThis.fetch */
  fetch?: typeof fetch
  clock?: ExecutorClock
}

/** A token covers method and body; path and `cronclave-*` headers are not signed. */
function tokenVerifier({ auth, service, clock = systemClock, ...options }: TokenVerifierOptions): Verifier {
  const check = auth.bind({ ...options, service, clock, anyBody: true })
  return {
    async verify(call) {
      const headers = headersOf(call)
      const { body, method } = call
      const verdict = await check({ header: (name) => headers.get(name), method }, body, {})
      if (!verdict.ok) throw refuse(verdict.fault)
      const { id, timestampS, job } = verdict
      return { id, timestamp: new Date(timestampS * 1000), ...(job !== undefined && { job }) }
    },
  }
}

function secretVerifier(options: SecretVerifierOptions): Verifier {
  const clock = options.clock ?? systemClock
  const keyring = createKeyring(options.secret)
  let requestKeys: Promise<HmacKey[]> | undefined
  const loadRequestKeys = () => (requestKeys ??= Promise.all(listSecrets(options.secret).map(deriveRequestKey)))
  return {
    async verify(call) {
      const headers = headersOf(call)
      const signed = { header: (name: string) => headers.get(name) }
      const verdict = await checkSignature(keyring({}), signed, call.body, clock.now())
      if (!verdict.ok) throw refuse(verdict.fault)
      if (call.method !== undefined && call.path !== undefined) {
        const signature = headers.get('cronclave-signature')
        if (!signature) throw refuse('missing-header')
        const parts = {
          ...call,
          id: verdict.id,
          timestamp: headers.get('webhook-timestamp') ?? '',
          method: call.method,
          path: call.path,
          headers,
        }
        if (!(await checkRequestSignature(await loadRequestKeys(), signature, parts))) throw refuse('no-match')
      }
      return { id: verdict.id, timestamp: new Date(verdict.timestampS * 1000) }
    },
  }
}

function headersOf({ headers }: ReceivedCall): Map<string, string> {
  const entries = headers instanceof Headers ? headers.entries() : Object.entries(headers)
  const map = new Map<string, string>()
  for (const [name, value] of entries) {
    if (value !== undefined) map.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '))
  }
  return map
}

function refuse(fault: SignatureFault): SignatureError {
  return new SignatureError(fault, describeFault(fault))
}
