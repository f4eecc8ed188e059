import { MUTANTS } from './mutants.ts'
import { play } from './one-node.ts'

export interface OneNodeOptions {
  first: number
  count: number
  /** Virtual seconds with faults. */
  seconds: number
}

/** Plays seeds of one node; whether all held. */
export async function hunt({ first, count, seconds }: OneNodeOptions): Promise<boolean> {
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
  return failed === 0
}

/** The share of seeds that notices each planted bug. */
export async function scores({ first, count, seconds }: OneNodeOptions): Promise<void> {
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
