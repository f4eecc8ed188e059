import { runMutants } from './mutant.ts'

/** Mistakes in what becomes of runs that a cluster must not survive. */
export const RUN_MUTANTS = runMutants([
  {
    mistake: 'a slot leaks when a shard moves to another executor',
    edits: [
      {
        file: 'state/attempts.ts',
        find: '    releaseSlot(turn, run, shard)\n',
        replace: '    delete shard.placedOn\n    delete shard.placedIn\n    void releaseSlot\n',
      },
    ],
    says: 'the slots held are those of placed shards',
    budget: 20,
  },
  {
    mistake: 'what a slow worker was given is given to another one, and both have their way',
    edits: [
      { file: 'scheduler/broker.ts', find: 'DELIVERY_MS = 10_000', replace: 'DELIVERY_MS = 10' },
      { file: 'scheduler/broker.ts', find: '[number, number] = [1000, 20_000]', replace: '[number, number] = [1, 1]' },
      {
        file: 'scheduler/broker.ts',
        find: '    const out = this.#out.get(token)\n',
        replace: '    const out = this.#out.get(token) ?? this.#twice.get(token)\n',
      },
      {
        file: 'scheduler/broker.ts',
        find: '    this.#handed.delete(out.token)\n',
        replace: '    this.#handed.delete(out.token)\n    this.#twice.set(out.token, out)\n',
      },
      {
        file: 'scheduler/broker.ts',
        find: '  readonly #handed = new Map<string, Out>()\n',
        replace: '  readonly #handed = new Map<string, Out>()\n  readonly #twice = new Map<string, Out>()\n',
      },
      {
        file: 'scheduler/plan-applier.ts',
        find: "shard?.state !== 'waiting' || shard.attempts !== wanted.attempts) return undefined",
        replace: 'shard === undefined) return undefined',
      },
      { file: 'scheduler/plan-applier.ts', find: "  if (run.state !== 'queued') return undefined\n", replace: '' },
      {
        file: 'state/placement.ts',
        find: "if (shard?.state !== 'waiting' || shard.attempts !== placement.attempts) return 'stale'",
        replace: "if (shard?.state !== 'waiting' && shard?.state !== 'running') return 'stale'",
      },
    ],
    says: 'one attempt at a time',
    budget: 60,
  },
  {
    mistake: 'a run that failed starts no child',
    edits: [
      {
        file: 'state/children.ts',
        find: "  failed: ['failure', 'completion'],\n",
        replace: '  failed: [],\n',
      },
    ],
    says: 'was not made with it',
    budget: 100,
  },
  {
    mistake: 'a new leader forgets the shards that wait for their retry',
    edits: [
      {
        file: 'scheduler/backlog.ts',
        find: "if (shard.state === 'waiting') this.wait(",
        replace: "if (shard.state === 'waiting' && shard.retryAt === undefined) this.wait(",
      },
    ],
    breaks: 'all work drains once faults are over',
    says: 'was never started again',
    budget: 100,
  },
  {
    mistake: 'a part that failed is not taken over',
    edits: [
      {
        file: 'state/untried.ts',
        find: 'if (shard.bound !== undefined) return false',
        replace: 'if (shard.bound !== undefined || shard.items !== undefined) return false',
      },
    ],
    says: 'was never asked to take it over',
    budget: 150,
  },
  {
    mistake: 'a run succeeds although a part of it failed',
    edits: [
      {
        file: 'state/shard-endings.ts',
        find: 'const state = PRECEDENCE.find((worst) => states.has(worst))',
        replace: "const state = PRECEDENCE.find((worst) => worst === 'succeeded' && states.has(worst))",
      },
    ],
    says: 'a run succeeds only when an executor did every part',
    budget: 100,
  },
  {
    mistake: 'a fire that is skipped for maxConcurrentRuns leaves no record',
    edits: [
      {
        file: 'state/fires.ts',
        find: '      skipFires(turn, job, { reason: admission.reason,',
        replace: "      if (admission.reason !== 'max-concurrent') skipFires(turn, job, { reason: admission.reason,",
      },
    ],
    breaks: 'every due fire has exactly one record',
    budget: 60,
  },
  {
    mistake: 'who is asked again is not told what the call stands for',
    edits: [
      {
        file: 'dispatch/request.ts',
        find: "attempt.supersedes.length === 0 ? '[]'",
        replace: "attempt.supersedes.length >= 0 ? '[]'",
      },
    ],
    breaks: 'a redispatch is handled once',
    budget: 60,
  },
  {
    mistake: 'a call that was given up while it connected leaves all the same',
    edits: [
      {
        file: 'dispatch/call.ts',
        find: '    if (!this.#owner.mayLeave(this)) return false\n',
        replace: '',
      },
      {
        file: 'dispatch/dispatcher.ts',
        find: '    call.exchange?.abort()\n    this.#settle(call, timeout(call))\n',
        replace: '    this.#settle(call, timeout(call))\n',
      },
    ],
    breaks: 'fencing never falls at arrival',
    budget: 250,
  },
  {
    mistake: 'each node counts the turns that it saw itself',
    edits: [
      {
        file: 'scheduler/board.ts',
        find: '  readonly #jobTurns = new Map<number, number>()\n',
        replace: '  readonly #jobTurns = new Map<number, number>()\n  readonly #seen = new Map<number, number>()\n',
      },
      {
        file: 'scheduler/board.ts',
        find: '    return mixed(uid) + progress.startedRuns + ',
        replace:
          '    const seen = (this.#seen.get(uid) ?? -1) + (progress.startedRuns >= 0 ? 1 : 0)\n    this.#seen.set(uid, seen)\n    return mixed(uid) + seen + ',
      },
    ],
    says: 'it is the turn of',
    budget: 300,
  },
])
