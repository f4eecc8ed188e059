import type { SourceMutant } from './mutant.ts'

const SINKS = 'every row is in each sink once, or in a gap'
const TOLD = 'everybody is told of each alert once'
const WRITE = '      await this.#call(target.write(rows), WRITE_TIMEOUT_MS)\n'

/** Mistakes in what is handed on to sinks and channels that a cluster must not survive. */
export const OUTLET_MUTANTS: readonly SourceMutant[] = [
  {
    mistake: 'the cursor of a sink is told of before its rows are written',
    edits: [
      {
        file: 'logs/lane.ts',
        find: WRITE,
        replace: `      this.#place = { cursor, position }\n      this.#report.note(this.#progress(), rows.length)\n${WRITE}`,
      },
    ],
    breaks: SINKS,
    says: 'neither in the sink nor in a gap',
    budget: 50,
  },
  {
    mistake: 'a row that is written again is there twice',
    edits: [
      {
        file: '../../test/sim/cluster/databases.ts',
        find: 'if (rows.has(sequence)) return\n  rows.set(sequence, 1)\n',
        replace: 'rows.set(sequence, (rows.get(sequence) ?? 0) + 1)\n',
      },
    ],
    breaks: SINKS,
    says: 'once',
    budget: 50,
  },
  {
    mistake: 'what is delivered again gets another sequence',
    edits: [
      {
        file: 'logs/lane.ts',
        find: WRITE,
        replace: `      for (const { row } of rows) if (this.#failures > 0) row.sequence = [row.sequence[0], row.sequence[1] + 1]\n${WRITE}`,
      },
    ],
    breaks: SINKS,
    says: 'is given',
    budget: 50,
  },
  {
    mistake: 'rows leave the ledger before a sink has them, and no gap says so',
    edits: [
      {
        file: 'state/sink-gaps.ts',
        find: '    sink.gaps = withGap(sink.gaps, missed, SINK_GAPS_MAX)\n',
        replace: '    void withGap\n    void SINK_GAPS_MAX\n',
      },
    ],
    breaks: SINKS,
    says: 'has no gap for',
    budget: 50,
  },
  {
    mistake: 'sinks wait for each other',
    edits: [
      {
        file: 'logs/deliverer.ts',
        find: 'const over = lane.run().finally(',
        replace: 'const over = (this.#turn = this.#turn.then(() => lane.run())).finally(',
      },
      {
        file: 'logs/deliverer.ts',
        find: '  #stopped = false\n',
        replace: '  #stopped = false\n  #turn = Promise.resolve()\n',
      },
    ],
    breaks: 'all work drains once faults are over',
    says: 'stands at',
    budget: 50,
  },
  {
    mistake: 'what channels are still to be told is known to one leader alone',
    edits: [
      {
        file: 'alerts/sender.ts',
        find: "if (message.state === 'open') this.#laneOf(message.channel).enter(message)",
        replace: 'void message',
      },
    ],
    breaks: 'all work drains once faults are over',
    says: 'was never sent',
    budget: 150,
  },
  {
    mistake: 'a message is sent again before it is recorded what came of it',
    edits: [
      {
        file: 'alerts/sender.ts',
        find: 'if (sent) await this.#record(',
        replace: 'if (sent) void this.#record(',
      },
    ],
    breaks: TOLD,
    says: 'again in the same term',
    budget: 50,
  },
  {
    mistake: 'channels hear that something is over that they never heard of',
    edits: [
      {
        file: 'state/episodes.ts',
        find: "closed !== 'rule-changed' && episode.toldAt !== undefined)",
        replace: "closed !== 'rule-changed')",
      },
    ],
    breaks: TOLD,
    budget: 150,
  },
  {
    mistake: 'of the rules that a run breaks only the first one fires',
    edits: [
      {
        file: 'state/alert-outcomes.ts',
        find: 'rulesOn(atEnd, turn.state, job)) judgeEnd',
        replace: 'rulesOn(atEnd, turn.state, job).slice(0, 1)) judgeEnd',
      },
    ],
    breaks: TOLD,
    says: 'fires exactly when its rule says so',
    budget: 150,
  },
  {
    mistake: 'a summary leaves out what is over',
    edits: [
      {
        file: 'state/alert-messages.ts',
        find: 'window.firing + window.resolved > 0\n  channel.window',
        replace: 'window.firing > 0\n  channel.window',
      },
    ],
    breaks: TOLD,
    says: 'in messages and in summaries',
    budget: 150,
  },
  {
    mistake: 'a channel gets one message more than it may',
    edits: [
      {
        file: 'state/alert-messages.ts',
        find: '(channel.window?.sent ?? 0) < channel.messagesMax',
        replace: '(channel.window?.sent ?? 0) <= channel.messagesMax',
      },
    ],
    breaks: TOLD,
    says: 'no more messages than its window allows',
    budget: 150,
  },
]
