import type { Executor } from '../discovery/executor.ts'

/** Any of them, each as likely. `chance` is in [0, 1). */
export function random(eligible: readonly Executor[], chance: number): Executor | undefined {
  return eligible[Math.floor(chance * eligible.length)]
}
