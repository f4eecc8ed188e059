import type { SealedSecret } from '../discovery/executor.ts'
import { StorageError } from '../runtime/storage-error.ts'
import type { State } from '../state/state.ts'
import type { Sealer } from './seal.ts'

/**
 * Holds the cluster key against what was sealed with it. Throws a `StorageError` when a service's secret cannot be read:
 * with another key, or a damaged one, every call of that service would fail.
 */
export function checkClusterKey(state: State, sealer: Sealer, where: { folder: string; key: string }): void {
  for (const [owner, sealed] of sealedOf(state)) {
    const fault = faultOf(sealer, sealed)
    if (fault === undefined) continue
    const message = `The cluster key (${where.key}) does not open the secrets in ${where.folder}: that of ${owner} cannot be read, ${fault}.`
    const nextStep = 'Nothing was changed. Put the key back with which this data folder was made, from a backup.'
    throw new StorageError(message, { folder: where.folder, nextStep })
  }
}

function* sealedOf(state: State): Generator<[owner: string, sealed: SealedSecret]> {
  for (const { name, secrets, signing } of state.services.values()) {
    for (const sealed of secrets) yield [`service ${name}`, sealed]
    if (signing?.scheme === 'legacy-gojob') yield [`service ${name}`, signing.secret]
  }
  for (const { id, sealed } of state.signingKeys.values()) yield [`signing key ${id}`, sealed]
}

function faultOf(sealer: Sealer, sealed: string): string | undefined {
  try {
    sealer.open(sealed)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
