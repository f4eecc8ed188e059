import { parseArgs } from 'node:util'
import { MUTANTS } from './mutants.ts'
import { play } from './one-node.ts'

const HELP = `Plays seeds against the promises of docs/simulation.md.

  npm run sim -- --seed 42 --seeds 1000 --seconds 120
  npm run sim -- --mutants --seeds 200      the share of seeds that notice each planted bug`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '120' },
    mutants: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const count = Number(values.seeds)
const seconds = Number(values.seconds)

if (values.help) console.log(HELP)
else if (values.mutants) await score()
else await hunt()

async function hunt(): Promise<void> {
  let attempts = 0
  let failed = 0
  for (let seed = first; seed < first + count; seed++) {
    try {
      attempts += (await play(seed, { seconds })).promises.attempts
    } catch (error) {
      failed += 1
      console.log(`seed ${seed}: ${(error as Error).message}`)
    }
    if ((seed - first + 1) % 500 === 0)
      console.log(`${seed - first + 1} of ${count} seeds, ${attempts} attempts, ${failed} broken`)
  }
  console.log(`${count - failed} seeds held, ${failed} broke a promise, ${attempts} attempts`)
  process.exitCode = failed === 0 ? 0 : 1
}

async function score(): Promise<void> {
  for (const { name, mutant } of MUTANTS) {
    let noticed = 0
    for (let seed = first; seed < first + count; seed++) {
      noticed += await play(seed, { seconds, mutant }).then(
        () => 0,
        () => 1,
      )
    }
    console.log(`${((100 * noticed) / count).toFixed(1).padStart(5)} % of ${count} seeds notice: ${name}`)
  }
}
