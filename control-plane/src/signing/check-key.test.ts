import { expect, test } from 'vitest'
import { systemRandom } from '../runtime/random.ts'
import { StorageError } from '../runtime/storage-error.ts'
import { emptyState } from '../state/state.ts'
import { checkClusterKey } from './check-key.ts'
import { createSealer } from './seal.ts'

const WHERE = { folder: '/data', key: '/data/cluster.key' }

test('a cluster key that does not open what was sealed is a storage error that names folder, key and service', () => {
  const key = Buffer.alloc(32, 1)
  const state = emptyState()
  const secrets = [createSealer(key, systemRandom).seal('whsec_abc')]
  const times = { createdAt: 0, updatedAt: 0 }
  state.services.set(3, {
    uid: 3,
    namespace: 1,
    name: 'billing',
    description: '',
    version: 1,
    secrets,
    allowedHosts: [],
    ...times,
  })
  expect(() => checkClusterKey(state, createSealer(key, systemRandom), WHERE)).not.toThrow()
  const other = createSealer(Buffer.alloc(32, 2), systemRandom)
  expect(() => checkClusterKey(state, other, WHERE)).toThrow(StorageError)
  expect(() => checkClusterKey(state, other, WHERE)).toThrow(/data\/cluster\.key.*in \/data.*service billing/)
})
