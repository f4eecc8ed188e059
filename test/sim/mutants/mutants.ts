import type { SourceMutant } from './mutant.ts'
import { OUTLET_MUTANTS } from './outlet-mutants.ts'
import { POLL_MUTANTS } from './poll-mutants.ts'
import { RUN_MUTANTS } from './run-mutants.ts'
import { WAITING_MUTANTS } from './waiting-mutants.ts'

/** The node's own guards are taken out where they would notice first: it is the simulation that is measured. */
const NO_GUARD_OF_ANSWERS = {
  file: 'cluster/durable-first.ts',
  find: "if (type !== 'append-response' && type !== 'vote-response') return",
  replace: 'if (type !== undefined) return',
}
const NO_GUARD_OF_VOTES = {
  file: 'wal/segmented-wal.ts',
  find: "assert(term > old.term || old.vote === '' || vote === old.vote,",
  replace: 'assert(true,',
}

/** Mistakes in consensus and in the log that a cluster must not survive. */
const CLUSTER_MUTANTS: readonly SourceMutant[] = [
  {
    mistake: 'a leader commits an entry of an older term by counting',
    edits: [
      {
        file: 'raft/replication.ts',
        find: 'index <= log.committed || index < state.termStart || index > log.lastIndex()',
        replace: 'index <= log.committed || index > log.lastIndex()',
      },
    ],
    breaks: 'only entries of its own term are counted',
    budget: 200,
  },
  {
    mistake: 'a vote is not synced',
    edits: [
      {
        file: 'cluster/log-writer.ts',
        find: 'return hardState.term !== term || hardState.vote !== vote',
        replace: 'return false && [term, vote]',
      },
      NO_GUARD_OF_ANSWERS,
    ],
    breaks: 'nothing is said before it is durable',
    budget: 10,
  },
  {
    mistake: 'a follower truncates what is committed',
    edits: [
      {
        file: 'raft/log.ts',
        find: 'if (entry.index > last || !this.matches(entry.index, entry.term)) return i',
        replace: 'if (entry.index > last || true) return i',
      },
      {
        file: 'raft/log.ts',
        find: "assert(first.index > this.committed, 'nothing that is committed is truncated')",
        replace: '',
      },
    ],
    breaks: 'no committed entry lost',
    budget: 100,
  },
  {
    mistake: 'two changes of the membership at once',
    edits: [
      {
        file: 'raft/proposals.ts',
        find: 'if (state.pendingChange > state.log.applied) return false',
        replace: '',
      },
    ],
    breaks: 'one change of membership at a time',
    budget: 50,
  },
  {
    mistake: 'a leader answers a read without asking a quorum',
    edits: [
      {
        file: 'raft/reads.ts',
        find: 'if (holdsLease(state)) return answer(state, from, context, log.committed)',
        replace: 'if (holdsLease(state) || true) return answer(state, from, context, log.committed)',
      },
    ],
    breaks: 'a read is not of the past',
    budget: 300,
  },
  {
    mistake: 'a start applies the last entry once more',
    edits: [
      {
        file: 'cluster/raft-engine-options.ts',
        find: '    applied,\n',
        replace: '    applied: Math.max(1, applied - 1),\n',
      },
    ],
    breaks: 'each entry is applied once, in order',
    budget: 20,
  },
  {
    mistake: 'a leader works before it has applied an entry of its own term',
    edits: [
      {
        file: 'cluster/role-watch.ts',
        find: "this.#candidateTerm = role === 'leader' ? term : undefined",
        replace: "this.#candidateTerm = undefined; if (role === 'leader') { this.#deps.office.take(term); return }",
      },
    ],
    breaks: 'a leader works only after its own entry',
    budget: 10,
  },
  {
    mistake: 'who takes a run over gets no higher token',
    edits: [
      {
        file: 'state/starting.ts',
        find: 'state.fencingToken += 1',
        replace: 'if (shard.attempts === 0) state.fencingToken += 1',
      },
    ],
    breaks: 'fencing tokens never fall',
    budget: 50,
  },
  {
    mistake: 'an append is acknowledged before it is synced',
    edits: [
      {
        file: 'cluster/log-writer.ts',
        find: '    await this.#append(entries, sync)\n    if (entries.length > 0) this.#deps.onDurable(entries)\n',
        replace:
          '    for (const { responses } of messages) this.#deps.deliver(responses.filter(({ to }) => to > 0))\n' +
          '    await this.#append(entries, sync)\n    if (entries.length > 0) this.#deps.onDurable(entries)\n',
      },
      NO_GUARD_OF_ANSWERS,
    ],
    breaks: 'nothing is said before it is durable',
    budget: 5,
  },
  {
    mistake: 'a vote is forgotten in a crash',
    edits: [
      { file: 'cluster/raft-log.ts', find: 'vote: voteId(vote)', replace: 'vote: voteId(vote) * 0' },
      NO_GUARD_OF_VOTES,
    ],
    breaks: 'a vote never changes',
    budget: 300,
  },
  {
    mistake: 'whoever asks gets a vote, however short his log',
    edits: [
      {
        file: 'raft/log.ts',
        find: 'return term > ours || (term === ours && index >= this.lastIndex())',
        replace: 'return term >= 0 || index >= ours',
      },
    ],
    breaks: 'no committed entry lost',
    budget: 100,
  },
  {
    mistake: 'a follower takes entries in that do not fit its log',
    edits: [{ file: 'raft/log.ts', find: 'if (!this.matches(index, term)) return undefined\n', replace: '' }],
    breaks: 'a node never stops by itself',
    budget: 20,
  },
]

/** Mistakes that a cluster must not survive. */
export const SOURCE_MUTANTS: readonly SourceMutant[] = [
  ...CLUSTER_MUTANTS,
  ...RUN_MUTANTS,
  ...WAITING_MUTANTS.map((mutant) => ({ ...mutant, oneNode: true })),
  ...OUTLET_MUTANTS.map((mutant) => ({ ...mutant, outlets: true })),
  ...POLL_MUTANTS.map((mutant) => ({ ...mutant, polling: true })),
]
