import { EXECUTOR_IDS, SERVICES } from '../definitions.ts'
import { SeededRandom } from '../seeded-random.ts'
import type { Strikes } from './faults.ts'
import type { World } from './world.ts'

/** How many seeds have executors that cannot be reached for a while. */
const SEEDS = 0.25
/** Until somebody is out of reach after the last one came back, and for how long, in milliseconds. */
const WITHIN_MS = [100, 1000, 4000]
const AWAY_MS = [3000, 8000, 30_000]

/** Who cannot be reached for a while: nobody connects to that executor, which knows nothing of it. */
export class Reach {
  #away: string | undefined
  readonly #random: SeededRandom
  readonly #world: World
  readonly #strikes: Strikes

  constructor({ seed, world, strikes }: { seed: number; world: World; strikes: Strikes }) {
    this.#random = new SeededRandom(seed ^ 0x5be0cd19)
    this.#world = world
    this.#strikes = strikes
    if (this.#random.chance(SEEDS)) this.#later()
  }

  isAway(who: string): boolean {
    if (who !== this.#away || !this.#strikes.active) return false
    this.#strikes.count('executor-away')
    return true
  }

  #later(): void {
    this.#world.later(this.#random.pick(WITHIN_MS), 'out of reach', () => {
      if (!this.#strikes.active) return
      this.#away = `${this.#random.pick(SERVICES)}/${this.#random.pick(EXECUTOR_IDS)}`
      this.#world.later(this.#random.pick(AWAY_MS), 'in reach', () => {
        this.#away = undefined
        this.#later()
      })
    })
  }
}
