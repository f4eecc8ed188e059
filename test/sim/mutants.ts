import type { Mutant } from './log.ts'

/** Bugs that the promises must notice, each with the number of seeds within which at least one has to. */
export const MUTANTS: readonly { name: string; budget: number; mutant: Mutant }[] = [
  {
    name: 'a fire is decided without moving decidedUpTo',
    budget: 40,
    mutant: {
      spoil(state, { command }) {
        if (command.kind !== 'decide-fires') return
        for (const { job, fires } of command.decisions) {
          const progress = state.jobs.get(job)?.progress
          const first = fires[0]
          if (progress && first) progress.decidedUpTo = Math.min(progress.decidedUpTo, first.fireTime - 1)
        }
      },
    },
  },
  {
    name: 'a fencing token is given twice',
    budget: 5,
    mutant: {
      spoil(state, entry) {
        if (entry.index % 50 === 0) state.fencingToken -= 1
      },
    },
  },
  {
    name: 'a slot leaks when a run ends',
    budget: 5,
    mutant: {
      spoil(state, entry, { changes }) {
        if (entry.index % 50 !== 0 || !changes.some(({ kind }) => kind === 'ended-run')) return
        for (const namespace of state.namespaces.values()) namespace.held += 1
      },
    },
  },
  {
    name: 'a skipped fire leaves no record',
    budget: 20,
    mutant: {
      spoil(state, entry, { events }) {
        if (entry.index % 20 !== 0) return
        for (const event of events)
          if (event.type === 'fires-decided') delete state.jobs.get(event.job)?.progress.stretch
      },
    },
  },
  { name: 'a crash loses an entry that was acknowledged', budget: 40, mutant: { lost: 1 } },
  {
    name: 'a deadline is forgotten',
    budget: 40,
    mutant: {
      spoil(_state, _entry, { events }) {
        for (const event of events)
          if (event.type === 'attempt-started') event.attempt.deadline = Number.MAX_SAFE_INTEGER
      },
    },
  },
]
