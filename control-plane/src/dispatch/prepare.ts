import type { SealedSecret } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import type { Millis } from '../runtime/clock.ts'
import { type SigningKey, signingKey } from '../signing/secret.ts'
import { type TokenKey, tokenKey } from '../signing/token.ts'
import type { KeyPair } from '../state/signing-keys.ts'
import type { ReplyKey } from '../signing/reply.ts'
import type { CallbackOf } from './callback.ts'
import type { Found } from './find.ts'
import { ended, type Verdict } from './outcome.ts'
import { RenderFault } from './placeholders.ts'
import { handlerRequest, httpRequest, isGojob, type WireRequest } from './request.ts'
import type { Scheme, Signing } from './scheme.ts'

/** Keys kept ready to sign with. */
const KEYS_MAX = 10_000

/** The keys of services, derived once per secret or pair. */
export class KeyRing {
  readonly #openSecret: (sealed: SealedSecret) => string
  readonly #keys = new Map<SealedSecret, SigningKey>()
  readonly #tokenKeys = new Map<SealedSecret, TokenKey>()
  /** By the list itself, which a service replaces whole when its secrets change. */
  readonly #lists = new WeakMap<readonly SealedSecret[], readonly SigningKey[]>()

  constructor(openSecret: (sealed: SealedSecret) => string) {
    this.#openSecret = openSecret
  }

  /** How a service signs. Throws what `openSecret` throws, and when there is no key. */
  signingOf(secrets: readonly SealedSecret[], scheme: Scheme | undefined): Signing {
    if (!scheme) return this.keysOf(secrets)
    if (scheme.kind === 'legacy-gojob') return { kind: 'legacy-gojob', secret: this.#openSecret(scheme.secret) }
    if (!scheme.pair) throw new Error(`there is no key for ${scheme.alg}`)
    return { kind: 'jwt', key: this.#tokenKeyOf(scheme.pair), audience: scheme.audience }
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

  #tokenKeyOf(pair: KeyPair): TokenKey {
    let key = this.#tokenKeys.get(pair.sealed)
    if (!key) {
      if (this.#tokenKeys.size >= KEYS_MAX) this.#tokenKeys.clear()
      key = tokenKey(pair, this.#openSecret(pair.sealed))
      this.#tokenKeys.set(pair.sealed, key)
    }
    return key
  }
}

/** A request and the keys under which its reply is the executor's word. */
export interface Prepared {
  request: WireRequest
  keys: readonly ReplyKey[]
}

/** The signed request of an attempt, or why there can be none. */
export function prepareRequest(found: Found, ring: KeyRing, now: Millis, callbackOf?: CallbackOf): Prepared | Verdict {
  const { target } = found.job.spec
  let keys: Signing
  try {
    keys = ring.signingOf(found.secrets, found.scheme)
  } catch (error) {
    const message = `service ${found.service} cannot sign: ${(error as Error).message}`
    return ended('failed', 'secret-unreadable', message, { retryable: false })
  }
  found.keys = keys
  found.now = now
  if (isGojob(keys)) {
    if (target.kind === 'handler' || target.async) return tooWeak(found.service ?? '')
    // Its signature covers neither body nor headers: what is confidential does not go along.
    delete found.parent
  }
  if (callbackOf && (target.kind === 'handler' || target.async)) found.callback = callbackOf(found.attempt)
  if (target.kind === 'handler') {
    if (!found.executor || ('length' in keys && keys.length === 0)) {
      const message = `service ${target.service} has no signing secret, and nothing leaves unsigned`
      return ended('failed', 'no-signing-secret', message, { retryable: false })
    }
    const request = handlerRequest(found, target, found.executor)
    return { request, keys: request.replyKeys ?? [] }
  }
  if (found.executor && pulls(found.executor)) {
    const message = `${found.who} has no URL: it takes calls of handlers alone`
    return ended('refused', 'executor-polls', message)
  }
  try {
    return { request: httpRequest(found, target), keys: [] }
  } catch (error) {
    if (!(error instanceof RenderFault)) throw error
    return ended('failed', 'template-unresolved', `nothing was sent to ${found.who}: ${error.message}`, {
      retryable: false,
    })
  }
}

function tooWeak(service: string): Verdict {
  const message = `service ${service} signs as gojob does, which proves too little for handlers and for reporting later`
  return ended('failed', 'signature-too-weak', message, { retryable: false })
}
