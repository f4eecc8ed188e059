import { expect, test } from 'vitest'
import { attemptKey, originRunsPrefix, placeOf } from '../store/keys.ts'
import { apply } from './apply.ts'
import type { Command, LedgerTrim, TrimmedRun } from './commands.ts'
import { keysOfGone } from './gone-keys.ts'
import { emptyState, type State } from './state.ts'

const T0 = 1_800_000_000_000

/** A state with a job that has three runs in the ledger, one of which failed, and a stretch. */
function stateWithLedger(): State {
  const state = emptyState()
  state.index = 100
  const ledger = { runs: 3, failed: 1, stretches: 1, trimmed: 50 }
  state.jobs.set(7, { uid: 7, namespace: 1, name: 'job', progress: { decidedUpTo: 0, ledger } } as never)
  return state
}

const run = (id: string, more: Partial<TrimmedRun> = {}): TrimmedRun => ({
  id,
  state: 'succeeded',
  fireTime: T0,
  sequence: [9, 0],
  attempts: [1],
  ...more,
})

function trim(state: State, part: Partial<LedgerTrim['jobs'][number]>, asOf = 100) {
  const jobs = [{ job: 7, namespace: 1, runs: [], stretches: [], ...part }]
  const command: Command = { kind: 'ledger-trim', at: T0, asOf, jobs }
  return apply(state, { index: state.index + 1, term: 1, command })
}

const ledgerOf = (state: State) => state.jobs.get(7)?.progress.ledger

test.each([
  ['a run', { runs: [run('a')] }, { runs: 2, failed: 1, stretches: 1, trimmed: 101, goneUpTo: T0 }],
  [
    'a run that failed',
    { runs: [run('a', { state: 'lost' })] },
    { runs: 2, failed: 0, stretches: 1, trimmed: 101, goneUpTo: T0 },
  ],
  [
    'a stretch',
    { stretches: [{ from: T0, sequence: [8, 1] as const }] },
    { runs: 3, failed: 1, stretches: 0, trimmed: 101 },
  ],
])('a trim of %s counts it down and says where it was made', (_, part, expected) => {
  const state = stateWithLedger()
  trim(state, part)
  expect(ledgerOf(state)).toEqual(expected)
})

test('rows that were read before the last trim of their job stay', () => {
  const state = stateWithLedger()
  const { changes, value } = trim(state, { runs: [run('a')] }, 49)
  expect([changes, value]).toEqual([[], { trimmed: { runs: 0, spared: 1 } }])
  expect(trim(state, { runs: [run('a')] }, 50).value).toEqual({ trimmed: { runs: 1, spared: 0 } })
})

test('a run that an open child reads its result from stays, the others go', () => {
  const state = stateWithLedger()
  state.runs.set('child', { id: 'child', parent: { run: 'a', moment: 'success' } } as never)
  const { changes, value } = trim(state, { runs: [run('a'), run('b')] })
  expect(value).toEqual({ trimmed: { runs: 1, spared: 1 } })
  expect(changes.flatMap((change) => (change.kind === 'run-gone' ? [change.gone.id] : []))).toEqual(['b'])
})

test('rows of a job that has gone are removed, and nothing is counted', () => {
  const state = stateWithLedger()
  state.jobs.clear()
  expect(trim(state, { runs: [run('a')] }, 0).value).toEqual({ trimmed: { runs: 1, spared: 0 } })
})

test('with a run go its places in the lists, the attempts of all its shards, and what says where it came from', () => {
  const gone = run('a', { attempts: [2, 0, 1], parent: { run: 'p', moment: 'failure' } })
  const keys = keysOfGone({ kind: 'run-gone', gone: { ...gone, job: 7, namespace: 1 } })
  const place = placeOf(gone)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.filter((key) => key.startsWith('A/'))).toEqual([
    attemptKey('a', 0, 1),
    attemptKey('a', 0, 2),
    attemptKey('a', 2, 1),
  ])
  expect(keys.filter((key) => key.startsWith('Y/'))).toEqual([originRunsPrefix('p', 'succeeded') + place])
  for (const prefix of ['R/', 'N/', 'X/']) expect(keys.filter((key) => key.startsWith(prefix))).toHaveLength(1)
})

test('what a trim removes, and what a job has left, is in the digest', () => {
  const digests = [
    { runs: [] },
    { runs: [run('a')] },
    { runs: [run('b')] },
    { runs: [run('a', { state: 'failed' })] },
    { runs: [run('a', { sequence: [9, 1] })] },
    { stretches: [{ from: T0, sequence: [8, 1] as const }] },
  ].map((part) => {
    const state = stateWithLedger()
    trim(state, part)
    return state.digest
  })
  expect(new Set(digests).size).toBe(digests.length)
})

test('job and namespace know up to which fire time runs have left, and never less', () => {
  const state = stateWithLedger()
  state.namespaces.set(1, { uid: 1, name: 'default' } as never)
  const namespace = () => state.namespaces.get(1)?.goneUpTo
  trim(state, { stretches: [{ from: T0, sequence: [8, 1] as const }] })
  expect([ledgerOf(state)?.goneUpTo, namespace()]).toEqual([undefined, undefined])
  const { changes } = trim(state, { runs: [run('a', { fireTime: T0 + 5 }), run('b')] }, state.index)
  expect([ledgerOf(state)?.goneUpTo, namespace()]).toEqual([T0 + 5, T0 + 5])
  expect(changes).toContainEqual({ kind: 'namespace', id: 1 })
  const later = trim(state, { runs: [run('c')] }, state.index)
  expect([ledgerOf(state)?.goneUpTo, namespace()]).toEqual([T0 + 5, T0 + 5])
  expect(later.changes).not.toContainEqual({ kind: 'namespace', id: 1 })
})
