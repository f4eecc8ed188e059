import { strict as assert } from 'node:assert'
import { expect, test } from 'vitest'
import { Cluster, play } from './cluster/cluster.ts'
import { watch } from './cluster/watch.ts'
import { SOURCE_MUTANTS } from './mutants/mutants.ts'
import { withMistakes } from './mutants/plant.ts'
import { score } from './mutants/score.ts'

const SEEDS = Number(process.env['SIM_SEEDS'] ?? 40)
const FIRST = Number(process.env['SIM_SEED'] ?? 1)
const STEPS = 3000
/** Mistakes that so few seeds notice are left to `npm run sim -- --mutants`. */
const BUDGET_MAX = 50

test('S050 S051 every promise holds in clusters of 1, 3 and 5 nodes, whatever fails', async () => {
  let attempts = 0
  let writes = 0
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const played = await play({ seed, steps: STEPS }).catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
    })
    attempts += played.attempts
    writes += played.writes
  }
  assert(attempts > SEEDS && writes > SEEDS * 5, 'the simulation does something')
})

test('the same seed gives the same trace, byte for byte', async () => {
  const [one, two] = [await play({ seed: 4711, steps: STEPS }), await play({ seed: 4711, steps: STEPS })]
  expect(two).toEqual(one)
  const other = await play({ seed: 4712, steps: STEPS })
  expect(other.trace).not.toBe(one.trace)
})

test('a cluster that cannot elect anybody once faults are over is noticed', async () => {
  const cluster = new Cluster({ seed: 3, steps: 0, nodes: 3 })
  await cluster.world.run(() => cluster.world.steps >= 500)
  for (const machine of cluster.machines.slice(0, 2)) machine.retire()
  await expect(cluster.heal()).rejects.toThrow('somebody leads once faults are over')
  watch(undefined)
})

test('every mistake applies to the source as it is', async () => {
  for (const { edits } of SOURCE_MUTANTS) await withMistakes(edits, () => Promise.resolve())
})

test.each(
  SOURCE_MUTANTS.filter(({ budget }) => budget <= BUDGET_MAX),
)('noticed within $budget seeds: $mistake', async (mutant) => {
  expect((await score(mutant, { steps: STEPS, untilNoticed: true })).first).toBeLessThanOrEqual(mutant.budget)
})
