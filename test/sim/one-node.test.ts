import { strict as assert } from 'node:assert'
import { test } from 'vitest'
import { NO_FAULTS, OneNode } from './one-node.ts'

const SEEDS = Number(process.env['SIM_SEEDS'] ?? 40)
const FIRST = Number(process.env['SIM_SEED'] ?? 1)
const SECONDS = Number(process.env['SIM_SECONDS'] ?? 120)

/** Runs one seed to its end and returns the log as a digest of what happened. */
async function play(seed: number): Promise<OneNode> {
  const world = new OneNode(seed)
  await world.begin(world.random.integer(2, 8))
  for (let second = 0; second < SECONDS; second++) await world.second()
  world.faults = NO_FAULTS
  await world.openExecutors()
  for (let second = 0; second < 90; second++) await world.second()
  world.promises.checkState(world.log.state)
  world.promises.checkLedger(world.log.state)
  return world
}

test('every promise holds for every seed, whatever crashes, pauses, fails or is changed', async () => {
  let attempts = 0
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    try {
      const world = await play(seed)
      attempts += world.promises.attempts
      assert.deepEqual(
        comparable(world.log.replayed()),
        comparable(world.log.state),
        'the log alone gives the same state',
      )
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
  assert(attempts > SEEDS * 20, 'the simulation does something')
})

test('the same seed gives the same log, byte for byte', async () => {
  const [one, two] = [await play(4711), await play(4711)]
  assert.deepEqual(Buffer.concat(one.log.entries), Buffer.concat(two.log.entries))
})

function comparable(state: object): unknown {
  return JSON.parse(JSON.stringify(state, (_, value: unknown) => (value instanceof Map ? [...value.entries()] : value)))
}
