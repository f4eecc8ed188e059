import type { SourceMutant } from './mutant.ts'

/** Mistakes with executors that poll that a cluster must not survive. */
export const POLL_MUTANTS: readonly SourceMutant[] = [
  {
    mistake: 'a poll takes calls along whether their node may send them or not',
    edits: [
      {
        file: 'registration/poll-desk.ts',
        find: 'if (!this.#end() || !this.#owner.onSent()) return',
        replace: 'if (!this.#end()) return\n    void this.#owner.onSent()',
      },
      {
        file: 'dispatch/dispatcher.ts',
        find: 'if (!this.#deps.inTouch()) return this.#settle(call, outOfTouch())',
        replace: '',
      },
    ],
    breaks: 'what was refused was never begun',
    budget: 250,
  },
]
