import { refuse } from './turn.ts'

/**
 * The rejection for a write whose precondition does not hold. `wanted` is the version the caller read, `new` when the
 * thing must not exist yet, or undefined for any.
 */
export function versionFault(old: { version: number } | undefined, wanted: number | 'new' | undefined, what: string) {
  if (wanted === undefined) return undefined
  if (wanted === 'new') return old ? refuse('already-exists', `${what} exists already`) : undefined
  if (old?.version === wanted) return undefined
  return refuse(
    'version-mismatch',
    old ? `${what} is at version ${old.version}, not ${wanted}` : `${what} does not exist`,
  )
}
