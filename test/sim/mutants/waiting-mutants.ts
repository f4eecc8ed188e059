import { runMutants } from './mutant.ts'

/** Mistakes with what waits, gives way or is skipped that the scheduler of one node must not survive. */
export const WAITING_MUTANTS = runMutants([
  {
    mistake: 'what found no place is never looked at again',
    edits: [
      {
        file: 'scheduler/backlog.ts',
        find: '    this.#stirred = true\n    for (const line of this.#runs.lines()) ',
        replace: '    this.#stirred = true\n    for (const line of [] as Line[]) ',
      },
      {
        file: 'scheduler/backlog.ts',
        find: 'this.#runs.awake(this.#freed',
        replace: 'this.#runs.awake(new Set<number>()',
      },
    ],
    says: 'nothing is in its way',
    budget: 40,
  },
  {
    mistake: 'what others give way to waits for the next entry, whatever room they leave',
    edits: [
      {
        file: 'state/admission.ts',
        find: "return fault && planFault(turn, job, plan ?? {}) ? { verdict: 'queue' } : { verdict: 'start' }",
        replace: "return { verdict: 'queue' }",
      },
    ],
    says: 'does not start with that',
    budget: 20,
  },
  {
    mistake: 'a fire is skipped for its overlap although nothing is open but what was missed',
    edits: [
      {
        file: 'state/admission.ts',
        find: 'const open = job.openRuns.length - caughtUp.length',
        replace: 'const open = job.openRuns.length',
      },
    ],
    says: 'no run of it was open',
    budget: 250,
  },
  {
    mistake: 'one more run waits than queueMax allows',
    edits: [
      {
        file: 'state/admission.ts',
        find: 'waiting(turn, job) - caughtUp.length < queueMax',
        replace: 'waiting(turn, job) - caughtUp.length <= queueMax',
      },
    ],
    says: 'and queueMax is',
    budget: 20,
  },
  {
    mistake: 'who failed is asked again without a wait',
    edits: [
      {
        file: 'state/attempts.ts',
        find: "shard.retryAt = turn.at + ('delayMs' in step ? step.delayMs : 0)",
        replace: 'shard.retryAt = turn.at',
      },
    ],
    says: 'before its delay is over',
    budget: 5,
  },
  {
    mistake: 'what waits out its jitter is taken for missed',
    edits: [
      {
        file: 'scheduler/due.ts',
        find: 'if (inTime) until = Math.min(until, inTime.fireTime - 1)',
        replace: 'if (inTime) until = Math.min(until, before - 1)',
      },
    ],
    says: 'was not missed',
    budget: 250,
  },
  {
    mistake: 'what an executor took on ends with the node that had sent it',
    edits: [
      {
        file: 'state/nodes.ts',
        find: 'attempt.node === node && attempt.acceptedAt === undefined',
        replace: 'attempt.node === node',
      },
    ],
    says: 'depends on its executor alone',
    budget: 50,
  },
  {
    mistake: 'who cannot be reached gets new work all the same',
    edits: [
      {
        file: 'state/breaker.ts',
        find: 'executor.failures >= BREAKER_FAILURES',
        replace: 'executor.failures >= 10 * BREAKER_FAILURES',
      },
    ],
    says: 'its circuit breaker is to be open',
    budget: 100,
  },
  {
    mistake: 'who is tried in vain is shut no longer than before',
    edits: [{ file: 'state/breaker.ts', find: 'BREAKER_OPEN_MS * 2 ** (openings - 1)', replace: 'BREAKER_OPEN_MS' }],
    says: 'its circuit breaker is to be open until',
    budget: 100,
  },
  {
    mistake: 'two attempts at once try whether an executor is back',
    edits: [
      { file: 'state/slots.ts', find: ' || isTried(state, executor)', replace: '' },
      { file: 'routing/roster.ts', find: '!this.#tries(breaker.trial)', replace: 'breaker.trial !== 0' },
    ],
    says: 'finds out whether it is back',
    budget: 200,
  },
  {
    mistake: 'who was reached once it was tried stays shut to others',
    edits: [
      {
        file: 'state/breaker.ts',
        find: 'if (breaker) return replace(turn, executor, clean)',
        replace: 'if (breaker) return undefined',
      },
    ],
    says: 'its circuit breaker is to be closed',
    budget: 100,
  },
  {
    mistake: 'a start begins the turns anew',
    edits: [
      {
        file: 'scheduler/board.ts',
        find: '  readonly #jobTurns = new Map<number, number>()\n',
        replace: '  readonly #jobTurns = new Map<number, number>()\n  readonly #first = new Map<number, number>()\n',
      },
      {
        file: 'scheduler/board.ts',
        find: '    return mixed(uid) + progress.startedRuns + ',
        replace:
          '    const first = this.#first.get(uid) ?? progress.startedRuns\n    this.#first.set(uid, first)\n    return mixed(uid) + progress.startedRuns - first + ',
      },
    ],
    says: 'it is the turn of',
    budget: 400,
  },
  {
    mistake: 'a fire that is skipped takes a turn',
    edits: [
      {
        file: 'scheduler/board.ts',
        find: 'mixed(uid) + progress.startedRuns + ',
        replace: 'mixed(uid) + progress.fireCount + ',
      },
    ],
    says: 'it is the turn of',
    budget: 100,
  },
  {
    mistake: 'who has the lower priority leaves its queue first',
    edits: [
      {
        file: 'scheduler/waiting-runs.ts',
        find: 'return a.priority > b.priority || (',
        replace: 'return a.priority < b.priority || (',
      },
    ],
    says: 'has waited since',
    budget: 50,
  },
])
