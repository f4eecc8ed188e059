import type { SealedSecret } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import { type SigningKey, signingKey } from '../signing/secret.ts'
import type { Found } from './find.ts'
import { ended, type Verdict } from './outcome.ts'
import { RenderFault } from './placeholders.ts'
import { handlerRequest, httpRequest, type WireRequest } from './request.ts'

/** Keys kept ready to sign with. */
const KEYS_MAX = 10_000

/** The signing keys of a service, derived once per secret. */
export class KeyRing {
  readonly #openSecret: (sealed: SealedSecret) => string
  readonly #keys = new Map<SealedSecret, SigningKey>()

  constructor(openSecret: (sealed: SealedSecret) => string) {
    this.#openSecret = openSecret
  }

  keysOf(secrets: readonly SealedSecret[]): SigningKey[] {
    return secrets.map((sealed) => {
      let key = this.#keys.get(sealed)
      if (!key) {
        if (this.#keys.size >= KEYS_MAX) this.#keys.clear()
        key = signingKey(this.#openSecret(sealed))
        this.#keys.set(sealed, key)
      }
      return key
    })
  }
}

/** A request and the keys under which its reply is the executor's word. */
export interface Prepared {
  request: WireRequest
  keys: readonly SigningKey[]
}

/** The signed request of an attempt, or why there can be none. */
export function prepareRequest(found: Found, ring: KeyRing, now: Millis): Prepared | Verdict {
  const { target } = found.job.spec
  let keys: SigningKey[]
  try {
    keys = ring.keysOf(found.secrets)
  } catch (error) {
    const message = `the secret of service ${found.service} cannot be read: ${(error as Error).message}`
    return ended('failed', 'secret-unreadable', message, { retryable: false })
  }
  const sending = { ...found, keys, now }
  if (target.kind === 'handler') {
    if (!found.executor || keys.length === 0) {
      const message = `service ${target.service} has no signing secret, and nothing leaves unsigned`
      return ended('failed', 'no-signing-secret', message, { retryable: false })
    }
    return { request: handlerRequest(sending, target, found.executor), keys }
  }
  try {
    return { request: httpRequest(sending, target), keys }
  } catch (error) {
    if (!(error instanceof RenderFault)) throw error
    return ended('failed', 'template-unresolved', `nothing was sent to ${found.who}: ${error.message}`, {
      retryable: false,
    })
  }
}
