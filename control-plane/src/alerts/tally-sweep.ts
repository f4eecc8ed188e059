import type { Command } from '../state/commands.ts'
import type { State } from '../state/state.ts'

/** Tallies that one entry forgets at most. */
const STEP_MAX = 1000

export interface TallySweepDeps {
  clock: { now(): number }
  state(): Pick<State, 'alertRules' | 'alertTallies'>
  propose(command: Command): Promise<unknown>
}

/** Forgets what rules remembered that are gone, step by step: a rule on everything remembers something of every job. */
export class TallySweep {
  readonly #deps: TallySweepDeps
  /** The rules that there were at the last look; unknown at first. */
  #rules: ReadonlySet<number> | undefined

  constructor(deps: TallySweepDeps) {
    this.#deps = deps
  }

  clear(): void {
    this.#rules = undefined
  }

  /** Proposes as long as there is something to forget, and `mayGoOn`. */
  async work(mayGoOn: () => boolean): Promise<void> {
    const { clock, state, propose } = this.#deps
    const { alertRules } = state()
    if (this.#rules && [...this.#rules].every((rule) => alertRules.has(rule))) {
      this.#rules = new Set(alertRules.keys())
      return
    }
    for (;;) {
      const tallies = goneTallies(state(), STEP_MAX)
      if (tallies.length === 0) break
      if (!mayGoOn()) return
      await propose({ kind: 'alert-tallies-forget', at: clock.now(), tallies })
    }
    this.#rules = new Set(state().alertRules.keys())
  }
}

/** Keys of tallies whose rule is not there any more. */
function goneTallies({ alertRules, alertTallies }: Pick<State, 'alertRules' | 'alertTallies'>, max: number): string[] {
  const keys: string[] = []
  for (const [key, { rule }] of alertTallies) {
    if (alertRules.has(rule)) continue
    keys.push(key)
    if (keys.length === max) break
  }
  return keys
}
