import { strict as assert } from 'node:assert'
import { test } from 'vitest'
import type { State } from '../../control-plane/src/state/state.ts'
import { MUTANTS } from './mutants.ts'
import { play } from './one-node.ts'

const SEEDS = Number(process.env['SIM_SEEDS'] ?? 40)
const FIRST = Number(process.env['SIM_SEED'] ?? 1)

test('every promise holds for every seed, whatever crashes, pauses, fails or is changed', async () => {
  let attempts = 0
  let shut = 0
  let foretold = 0
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    try {
      const world = await play(seed)
      attempts += world.promises.attempts
      shut += world.promises.counts.shut
      foretold += world.promises.counts.foretold
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
  assert(SEEDS < 40 || shut > 0, 'some executors cannot be reached')
  assert(SEEDS < 40 || foretold > 0, 'some turns can be told')
})

test.each(MUTANTS)('a planted bug is found within $budget seeds: $name', async ({ mutant, budget }) => {
  let found: unknown
  for (let seed = 1; seed <= budget && !found; seed++)
    found = await play(seed, { mutant }).then(
      () => undefined,
      (error: unknown) => error,
    )
  assert(found instanceof assert.AssertionError, 'no seed noticed')
})

test('the same seed gives the same log, byte for byte', async () => {
  const [one, two] = [await play(4711), await play(4711)]
  assert.deepEqual(Buffer.concat(one.log.entries), Buffer.concat(two.log.entries))
})

/** The order of these means nothing: a start reads them by key, or by their place in the log. */
const UNORDERED = new Set([
  'jobs',
  'jobNames',
  'manifests',
  'runs',
  'executors',
  'attempts',
  'tokens',
  'counters',
  'parents',
])

function comparable(state: State): unknown {
  const parts = Object.entries(state).map(([name, part]) => [name, UNORDERED.has(name) ? sorted(part) : part])
  const text = JSON.stringify(parts, (_, value: unknown) => {
    if (value instanceof Set) return [...value].map(String).sort((a, b) => (a < b ? -1 : 1))
    return value instanceof Map ? [...value.entries()] : value
  })
  return JSON.parse(text)
}

function sorted(value: unknown): unknown {
  if (!(value instanceof Map)) return value
  return [...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)])
}
