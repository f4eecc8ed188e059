import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { World } from './lineage-world.test-helper.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']

type Step = { name: string; children: string[]; remove: boolean }

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(...NAMES),
  children: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
  remove: fc.boolean(),
})

function take(world: World, { name, children, remove }: Step): void {
  const uid = world.state.jobNames.get(`${world.namespace}/${name}`)
  if (!remove) world.job(name, children)
  else if (uid !== undefined) world.run({ kind: 'job-delete', job: uid, force: true })
}

/** Who names whom, as the definitions have it. */
function named(world: World): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>()
  for (const { uid, namespace, spec } of world.state.jobs.values()) {
    for (const { job } of spec.children) {
      const key = `${namespace}/${job}`
      found.set(key, (found.get(key) ?? new Set()).add(uid))
    }
  }
  return found
}

function descendants(world: World, name: string, seen = new Set<string>()): Set<string> {
  const uid = world.state.jobNames.get(`${world.namespace}/${name}`)
  for (const { job } of (uid === undefined ? undefined : world.state.jobs.get(uid))?.spec.children ?? []) {
    if (seen.has(job)) continue
    seen.add(job)
    descendants(world, job, seen)
  }
  return seen
}

test('S044 whatever is saved and deleted, the state never holds a circle, and the index is that of the definitions', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const world = new World()
      for (const one of steps) {
        take(world, one)
        for (const name of NAMES) expect(descendants(world, name).has(name)).toBe(false)
        expect(world.state.parents).toEqual(named(world))
      }
    }),
    { numRuns: 200 },
  )
})
