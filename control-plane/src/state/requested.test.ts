import { expect, test } from 'vitest'
import { World } from './lineage-world.test-helper.ts'

test('requests wait in the queue of their namespace as far as it goes, also where whenFull says to fail', () => {
  const world = new World()
  const change = { description: '', slots: 1000, queuedRunsMax: 2 }
  world.run({ kind: 'namespace-put', name: 'default', change })
  world.job('hasty', [], { whenFull: 'fail' })
  world.job('patient')
  for (const [i, name] of ['hasty', 'hasty', 'hasty', 'patient'].entries())
    world.run({ kind: 'run-request', job: world.jobNamed(name).uid, run: `r${i}`, cause: 'api', by: 't' })
  expect(world.openOf('hasty').map(({ id }) => id)).toEqual(['r0', 'r1'])
  expect(world.rowsOf('hasty')).toMatchObject([{ id: 'r2', state: 'failed', error: { code: 'no-slot' } }])
  expect(world.rowsOf('patient')).toMatchObject([{ id: 'r3', state: 'skipped', reason: 'no-slot' }])
})
