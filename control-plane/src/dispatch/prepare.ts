import type { SealedSecret } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import { type SigningKey, signingKey } from '../signing/secret.ts'
import type { CallbackOf } from './callback.ts'
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
  /** By the list itself, which a service replaces whole when its secrets change. */
  readonly #lists = new WeakMap<readonly SealedSecret[], readonly SigningKey[]>()

  constructor(openSecret: (sealed: SealedSecret) => string) {
    this.#openSecret = openSecret
  }

  /** Throws what `openSecret` throws. */
  keysOf(secrets: readonly SealedSecret[]): readonly SigningKey[] {
    let keys = this.#lists.get(secrets)
    if (!keys || keys.length !== secrets.length) {
      keys = secrets.map((sealed) => this.#keyOf(sealed))
      this.#lists.set(secrets, keys)
    }
    return keys
  }

  #keyOf(sealed: SealedSecret): SigningKey {
    let key = this.#keys.get(sealed)
    if (!key) {
      if (this.#keys.size >= KEYS_MAX) this.#keys.clear()
      key = signingKey(this.#openSecret(sealed))
      this.#keys.set(sealed, key)
    }
    return key
  }
}

/** A request and the keys under which its reply is the executor's word. */
export interface Prepared {
  request: WireRequest
  keys: readonly SigningKey[]
}

/** The signed request of an attempt, or why there can be none. */
export function prepareRequest(found: Found, ring: KeyRing, now: Millis, callbackOf?: CallbackOf): Prepared | Verdict {
  const { target } = found.job.spec
  let keys: readonly SigningKey[]
  try {
    keys = ring.keysOf(found.secrets)
  } catch (error) {
    const message = `the secret of service ${found.service} cannot be read: ${(error as Error).message}`
    return ended('failed', 'secret-unreadable', message, { retryable: false })
  }
  found.keys = keys
  found.now = now
  if (callbackOf && (target.kind === 'handler' || target.async)) found.callback = callbackOf(found.attempt)
  if (target.kind === 'handler') {
    if (!found.executor || keys.length === 0) {
      const message = `service ${target.service} has no signing secret, and nothing leaves unsigned`
      return ended('failed', 'no-signing-secret', message, { retryable: false })
    }
    return { request: handlerRequest(found, target, found.executor), keys }
  }
  try {
    return { request: httpRequest(found, target), keys }
  } catch (error) {
    if (!(error instanceof RenderFault)) throw error
    return ended('failed', 'template-unresolved', `nothing was sent to ${found.who}: ${error.message}`, {
      retryable: false,
    })
  }
}
