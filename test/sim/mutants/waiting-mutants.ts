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
    says: 'could not be reached',
    budget: 400,
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
