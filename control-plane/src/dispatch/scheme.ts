import type { SealedSecret, Service } from '../discovery/executor.ts'
import type { SigningKey } from '../signing/secret.ts'
import { audienceOf, type TokenKey } from '../signing/token.ts'
import { activeKey, type KeyPair } from '../state/signing-keys.ts'
import type { State } from '../state/state.ts'

/** A service's way to sign where it is not HMAC under its secrets, as the state has it now. */
export type Scheme =
  | { kind: 'jwt'; pair: KeyPair | undefined; alg: string; audience: string }
  | { kind: 'legacy-gojob'; secret: SealedSecret }

/** What a service's calls are signed with: HMAC keys, the newest last, or something else. */
export type Signing = readonly SigningKey[] | TokenSigning | GojobSigning

export interface TokenSigning {
  kind: 'jwt'
  key: TokenKey
  audience: string
}

export interface GojobSigning {
  kind: 'legacy-gojob'
  secret: string
}

/** Nothing of a service under HMAC, which costs nothing. */
export function schemeOf(state: State, service: Service | undefined): Scheme | undefined {
  const signing = service?.signing
  if (!service || !signing) return undefined
  if (signing.scheme === 'legacy-gojob') return { kind: 'legacy-gojob', secret: signing.secret }
  const { alg } = signing
  const audience = audienceOf(state.cluster, service.namespace, service.name)
  return { kind: 'jwt', pair: activeKey(state, alg), alg, audience }
}
