import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Governor } from './governor.ts'
import { Round } from './round.ts'
import { type WaitingRun, WaitingRuns } from './waiting-runs.ts'

const waitingRun = fc.record({
  job: fc.nat({ max: 20 }),
  namespace: fc.nat({ max: 1 }),
  line: fc.nat({ max: 5 }),
  catchUp: fc.boolean(),
})

const PRIORITIES = Array.from({ length: 21 }, (_, job) => (job * 37) % 100)

test('runs leave by priority and age over all lines; jobs that have to wait, and namespaces without a slot, aside', () => {
  fc.assert(
    fc.property(
      fc.array(waitingRun, { maxLength: 150 }),
      fc.nat({ max: 20 }),
      fc.nat({ max: 30 }),
      (list, held, slots) => {
        const runs = new WaitingRuns()
        const all = list.map(
          ({ job, line, ...rest }, sequence): WaitingRun => ({
            ...rest,
            id: `r${sequence}`,
            job,
            service: `s${line}`,
            priority: PRIORITIES[job] ?? 0,
            sequence,
          }),
        )
        for (const run of all) runs.add(run)
        const taken: WaitingRun[] = []
        let left = slots
        const round = new Round(
          {
            runs,
            governor: new Governor(1000),
            judge: ({ job }) => (job === held ? 'later' : 'now'),
            endsWhenFull: () => false,
          },
          {
            now: 5000,
            isBusy: () => false,
            tries: 0,
            slots: { left: (namespace) => (namespace === 1 || left > 0 ? 'some' : 'spent') },
          },
          runs.awake(new Set(), 0),
        )
        for (let run = round.first(); run; run = round.first()) {
          if (run.namespace === 0) left -= 1
          taken.push(run)
          expect(round.take()).toBe(false)
        }
        const sorted = all
          .filter(({ job }) => job !== held)
          .sort((a, b) => b.priority - a.priority || a.sequence - b.sequence)
        const open = new Set(sorted.filter(({ namespace }) => namespace === 0).slice(0, slots))
        expect(taken).toEqual(sorted.filter((run) => run.namespace === 1 || open.has(run)))
        expect(round.hasMore).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
})
