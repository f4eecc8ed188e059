import type { Attempt, Run, Stretch } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import type { Seen } from '../support/executor.ts'
import { iso } from './harness.ts'
import { everyFires, faultsOfCalls, faultsOfJob, secondFires } from './ledger-checker.ts'

const fires = everyFires(0, 5000, 1000)
const run = (at: number, more: object = {}) =>
  ({ id: `run-${at}`, cause: 'schedule', state: 'succeeded', fireTime: iso(at), ...more }) as Run
const stretch = (from: number, to: number, count: number) =>
  ({ reason: 'overlap', from: iso(from), to: iso(to), count }) as Stretch
const faults = (runs: Run[], stretches: Stretch[] = []) =>
  faultsOfJob({ job: 'j', fires }, { runs, stretches, attempts: [] })

test('fires are derived from the schedule', () => {
  expect(fires).toEqual([0, 1000, 2000, 3000, 4000, 5000])
  expect(secondFires(500, 6000, (second) => second % 3 === 0)).toEqual([3000, 6000])
})

test('a ledger with one record for each fire has no fault', () => {
  expect(
    faults(
      [0, 3000, 4000, 5000].map((at) => run(at)),
      [stretch(1000, 2000, 2)],
    ),
  ).toEqual([])
})

test.each([
  ['a fire without a record', fires.slice(1).map((at) => run(at)), []],
  ['a fire that ran and was skipped', fires.map((at) => run(at)), [stretch(1000, 1000, 1)]],
  ['a fire that ran twice', [...fires, 0].map((at, i) => run(at, { id: `run-${i}` })), []],
  ['a run that was not due', [...fires, 500].map((at) => run(at)), []],
  ['a run listed twice', [...fires, 5000].map((at) => run(at)), []],
  ['a run that is open', fires.map((at) => run(at, at === 0 ? { state: 'running' } : {})), []],
  ['a stretch that counts too few', [0, 3000, 4000, 5000].map((at) => run(at)), [stretch(1000, 2000, 1)]],
])('%s is found', (_, runs, stretches) => expect(faults(runs, stretches)).not.toEqual([]))

const attempt = (id: string, token: number, more: object = {}) =>
  ({ id, fencingToken: String(token), ...more }) as Attempt
const dispatched = (id: string, token: number, at: number, supersedes: string[] = []) =>
  ({ run: 'r', attempt: id, token, at, supersedes }) as unknown as Seen['dispatched'][number]
const handled = (id: string) => ({ run: 'r', attempt: id }) as Seen['handled'][number]
const seen = (calls: Seen['dispatched'], handlers: Seen['handled'] = []): Seen => ({
  dispatched: calls,
  handled: handlers,
  hits: [],
})

test('calls that follow each other with growing tokens, and a handler called once, have no fault', () => {
  const calls = [dispatched('a', 1, 1), dispatched('b', 2, 2, ['a'])]
  expect(
    faultsOfCalls(seen(calls, [handled('a')]), [attempt('a', 1), attempt('b', 2, { outcome: 'succeeded' })]),
  ).toEqual([])
})

test.each([
  ['a call that was not committed', seen([dispatched('a', 1, 1)]), []],
  ['a token that fell', seen([dispatched('a', 2, 1), dispatched('b', 1, 2)]), [attempt('a', 2), attempt('b', 1)]],
  ['a token given twice', seen([]), [attempt('a', 1), attempt('b', 1)]],
  ['a token not its own', seen([dispatched('a', 2, 1)]), [attempt('a', 1)]],
  [
    'a handler called for what it has done',
    seen([dispatched('b', 2, 2, ['a'])], [handled('a'), handled('b')]),
    [attempt('a', 1), attempt('b', 2)],
  ],
  ['a handler called twice', seen([], [handled('a'), handled('a')]), [attempt('a', 1)]],
  ['a success without a call', seen([]), [attempt('a', 1, { outcome: 'succeeded' })]],
])('%s is found', (_, calls, attempts) => expect(faultsOfCalls(calls, attempts)).not.toEqual([]))
