import { expect, test } from 'vitest'
import type { Sequence } from '../logs/sink.ts'
import type { LaneStanding } from '../logs/sinks-port.ts'
import { StillClock } from '../runtime/still-clock.test-helper.ts'
import type { JobTrim } from '../state/commands.ts'
import { emptyState } from '../state/state.ts'
import { SinkWait } from './sink-wait.ts'

function waitFor(cursor: Sequence, underWayTo?: Sequence): SinkWait {
  const standing: LaneStanding = {
    sink: 1,
    since: 1,
    cursor,
    position: 1,
    rows: 1,
    ...(underWayTo ? { underWayTo } : {}),
  }
  return new SinkWait({ clock: new StillClock(), state: emptyState, standings: () => [standing] })
}

const run = (id: string, sequence: Sequence, waiting: number[] = []) => ({
  id,
  state: 'failed' as const,
  fireTime: 1,
  attempts: [waiting.length / 2],
  sequence,
  ...(waiting.length > 0 ? { waiting } : {}),
})

const part: JobTrim = {
  job: 1,
  namespace: 1,
  runs: [
    run('given', [10, 1], [10, 0]),
    run('begun', [40, 0], [9, 0, 10, 2]),
    run('between', [40, 1], [9, 1, 15, 0, 39, 0]),
    run('later', [41, 0], [21, 0]),
  ],
  stretches: [
    { from: 1, sequence: [20, 0] },
    { from: 2, sequence: [20, 1] },
  ],
}

test('a run of which a sink is being given any row stays for a round, whichever of its rows that is', () => {
  const { runs, stretches } = waitFor([10, 1], [20, 0]).withoutUnderWay(part)
  expect(runs.map(({ id }) => id)).toEqual(['given', 'later'])
  expect(stretches).toEqual([{ from: 2, sequence: [20, 1] }])
})

test('without anything under way all goes', () => {
  expect(waitFor([10, 1]).withoutUnderWay(part)).toBe(part)
})
