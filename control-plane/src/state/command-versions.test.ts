import { expect, test } from 'vitest'
import { COMMAND_SINCE, checkClusterVersion, tooNew, versionOf } from './command-versions.ts'
import { COMMAND_VERSION } from './commands.ts'

test('no command is newer than the version that this build takes part in', () => {
  for (const version of Object.values(COMMAND_SINCE)) expect(version).toBeLessThanOrEqual(COMMAND_VERSION)
})

test('a command of version 1 can always be proposed, a newer one once the cluster is at its version', () => {
  expect(versionOf('node-up')).toBe(1)
  expect(tooNew({ kind: 'node-up' }, { clusterVersion: 1 })).toBeUndefined()
  COMMAND_SINCE['node-up'] = 3
  try {
    expect(tooNew({ kind: 'node-up' }, { clusterVersion: 2 })).toContain('needs cluster version 3')
    expect(tooNew({ kind: 'node-up' }, { clusterVersion: 3 })).toBeUndefined()
  } finally {
    delete COMMAND_SINCE['node-up']
  }
})

test('a state of a newer cluster is refused, with what to do', () => {
  expect(() => checkClusterVersion({ clusterVersion: COMMAND_VERSION }, '/data')).not.toThrow()
  expect(() => checkClusterVersion({ clusterVersion: COMMAND_VERSION + 1 }, '/data')).toThrow('is at version 2')
})
