import type { ResolvedServiceSigning, ServiceDefinition } from '@cronclave/openapi'
import type { Service, ServiceSigning } from '../discovery/executor.ts'
import { Problem } from '../problems.ts'
import { gojobSecretFault } from '../signing/gojob.ts'
import { audienceOf } from '../signing/token.ts'
import { activeKey } from '../state/signing-keys.ts'
import type { State } from '../state/state.ts'
import type { ApiContext } from './context.ts'
import { makeKey } from './signing-keys.ts'

type Asked = NonNullable<ServiceDefinition['signing']>

/** How a service shall be signed from now on; the first that asks for tokens has the cluster's key made. */
export async function readSigning(
  context: ApiContext,
  asked: Asked | undefined,
  present: Service | undefined,
): Promise<{ signing?: ServiceSigning | 'hmac' }> {
  if (!asked) return {}
  const { scheme, alg, secret } = asked
  if (alg !== undefined && scheme !== 'jwt') refuse('/signing/alg', 'is for jwt only')
  if (secret !== undefined && scheme !== 'legacy-gojob') refuse('/signing/secret', 'is for legacy-gojob only')
  if (scheme === 'hmac') return { signing: 'hmac' }
  if (scheme === 'legacy-gojob') return { signing: gojobSigning(context, secret, present) }
  const chosen = alg ?? 'EdDSA'
  if (!activeKey(context.state(), chosen)) await makeKey(context, chosen, { onlyFirst: true })
  return { signing: { scheme, alg: chosen } }
}

/** What may be shown of it. */
export function describeSigning(state: State, { namespace, name, signing }: Service): ResolvedServiceSigning {
  if (!signing) return { scheme: 'hmac', weak: false }
  if (signing.scheme === 'legacy-gojob') return { scheme: 'legacy-gojob', weak: true }
  const { scheme, alg } = signing
  const issuer = activeKey(state, alg)?.issuer
  const audience = audienceOf(state.cluster, namespace, name)
  return { scheme, alg, ...(issuer === undefined ? {} : { issuer }), audience, weak: false }
}

function gojobSigning(
  { sealer }: ApiContext,
  secret: string | undefined,
  present: Service | undefined,
): ServiceSigning & { scheme: 'legacy-gojob' } {
  const kept = present?.signing
  if (secret === undefined) {
    if (kept?.scheme === 'legacy-gojob') return kept
    return refuse('/signing/secret', 'is needed: a secret that only this service and its endpoints know')
  }
  const fault = gojobSecretFault(secret)
  if (fault !== undefined) refuse('/signing/secret', fault)
  return { scheme: 'legacy-gojob', secret: sealer.seal(secret) }
}

function refuse(pointer: string, detail: string): never {
  throw new Problem('invalid-service', undefined, [{ pointer, detail }])
}
