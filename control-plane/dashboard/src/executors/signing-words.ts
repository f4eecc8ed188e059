import type { ResolvedServiceSigning } from '@cronclave/openapi'

/** How calls of a service are signed, in a few words; what is weak says so. */
export function signingWords({ scheme, alg, weak }: ResolvedServiceSigning): string {
  if (scheme === 'hmac') return 'signed by secret'
  if (scheme === 'jwt') return `signed by token, ${alg ?? 'EdDSA'}`
  return weak ? 'weak signature: gojob' : 'signed as gojob does'
}
