import type { Scope } from '../state/state.ts'

/** What an operation asks of its caller; `x-cronclave-scope` in the contract. */
export const REQUIREMENTS = [
  'public',
  'any',
  'cluster-read',
  'admin',
  'namespace-read',
  'namespace-write',
  'service-read',
  'service-write',
  'tenant-read',
  'tenant-write',
  'attempt',
] as const

export type Requirement = (typeof REQUIREMENTS)[number]

/** What a request is about: names from its path. */
export interface Subject {
  namespace?: string | undefined
  service?: string | undefined
}

/** Whether a scope meets a requirement for a subject. Decides by names alone, so it tells nothing about what exists. */
export function allows(scope: Scope, requirement: Requirement, subject: Subject): boolean {
  // No token of a person: only the one that came with the call.
  if (requirement === 'attempt') return false
  if (requirement === 'public' || requirement === 'any' || scope === 'admin') return true
  switch (requirement) {
    case 'admin':
      return false
    case 'cluster-read':
      return scope === 'read'
    case 'namespace-read':
      return scope === 'read' || ownsNamespace(scope, subject)
    case 'namespace-write':
      return ownsNamespace(scope, subject)
    case 'service-read':
      return scope === 'read' || ownsNamespace(scope, subject) || ownsService(scope, subject)
    case 'service-write':
      return ownsNamespace(scope, subject) || ownsService(scope, subject)
    case 'tenant-read':
      return scope === 'read' || ownsNamespace(scope, subject) || isOfNamespace(scope, subject)
    case 'tenant-write':
      return ownsNamespace(scope, subject) || isOfNamespace(scope, subject)
  }
}

/** Whether a scope may read what is in a namespace. */
export function readsNamespace(scope: Scope, namespace: string): boolean {
  return allows(scope, 'namespace-read', { namespace })
}

function ownsNamespace(scope: Scope, { namespace }: Subject): boolean {
  return namespace !== undefined && scope === `namespace:${namespace}`
}

/** Any service of the namespace: its handlers share what the namespace keeps under keys. */
function isOfNamespace(scope: Scope, { namespace }: Subject): boolean {
  return namespace !== undefined && scope.startsWith(`service:${namespace}/`)
}

function ownsService(scope: Scope, { namespace, service }: Subject): boolean {
  return namespace !== undefined && service !== undefined && scope === `service:${namespace}/${service}`
}
