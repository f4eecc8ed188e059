import type { Run } from '@cronclave/openapi'
import { expect, test } from 'vitest'
import type { Handled } from '../support/executor.ts'
import { written } from '../linearizability/written-history.ts'
import type { JobRecords } from './jobs.ts'
import { differences, fallingTokens, faultsOfFires, faultsOfHistory } from './verdict.ts'

const run = (at: number, more: object = {}) =>
  ({ id: `r${at}`, cause: 'schedule', state: 'succeeded', fireTime: new Date(at).toISOString(), ...more }) as Run
const ledger = (...runs: Run[]) => new Map<string, JobRecords>([['j', { runs, stretches: [] }]])
const call = (token: number, params = {}) => ({ job: 'j', attempt: `a${token}`, token, params }) as Handled

test('a fire without a record is a fault, and so is a ledger that nobody read', () => {
  const fires = new Map([['j', [1000, 2000]]])
  expect(faultsOfFires(fires, new Map([['n1', ledger(run(1000), run(2000))]]))).toEqual([])
  expect(faultsOfFires(fires, new Map([['n1', ledger(run(1000))]]))[0]).toContain('has 0 records')
  expect(faultsOfFires(fires, new Map())).toEqual(['j: the ledger was not read'])
})

test('nodes whose ledgers differ in anything are named with what differs', () => {
  const same = new Map([
    ['n1', ledger(run(1000))],
    ['n2', ledger(run(1000))],
  ])
  expect(differences(same)).toEqual([])
  const other = new Map([...same, ['n3', ledger(run(1000, { state: 'failed' }))] as const])
  expect(differences(other)).toEqual([expect.stringContaining('n1 and n3 differ: {"id":"r1000"')])
})

test('a handler that sees a token fall is a fault, unless its runs may overlap', () => {
  expect(fallingTokens([call(1), call(2), call(5)])).toEqual([])
  expect(fallingTokens([call(2), call(1)])).toHaveLength(1)
  expect(fallingTokens([call(2), call(2)])).toHaveLength(1)
  expect(fallingTokens([call(2, { overlaps: true }), call(1, { overlaps: true })])).toEqual([])
})

test('a key on which the checker gave up is a fault', () => {
  const good = written('A 0-1 put a = 5\nB 2-3 get = a@5')
  expect(faultsOfHistory(good)).toEqual([])
  expect(faultsOfHistory(good, { stepsMax: 1 })).toEqual([expect.stringContaining('unknown')])
  expect(faultsOfHistory(written('A 0-1 put a = 5\nB 2-3 get = nothing'))).toHaveLength(1)
})
