import { expect, test } from 'vitest'
import { Problem } from '../problems.ts'
import { NotCommitted, type Outcome } from './consensus.ts'
import { TooManyProposals } from './proposals.ts'
import { decodeOutcome, decodeSubmit, encodeFailure, encodeOutcome, encodeSubmit } from './submit-codec.ts'

function thrown(error: unknown): unknown {
  try {
    return decodeOutcome(encodeFailure(error))
  } catch (again) {
    return again
  }
}

test('a command arrives as it was sent', () => {
  const submit = { command: { kind: 'token-revoke' as const, at: 2 ** 41, id: 'é' }, withinMs: 10_000 }
  expect(decodeSubmit(encodeSubmit(submit))).toEqual(submit)
})

test.each([
  { kind: 'applied', index: 2 ** 40, value: { version: 3 } } as unknown as Outcome,
  { kind: 'rejected', index: 7, rejection: { code: 'already-exists', detail: 'The name is taken' } } as Outcome,
])('an outcome arrives as it was sent', (outcome) => {
  expect(decodeOutcome(encodeOutcome(outcome))).toEqual(outcome)
})

test('what was refused for certain is certain where the caller is, with its faults', () => {
  const faults = [{ pointer: '/cron', detail: 'minute 60' }]
  const error = thrown(new Problem('invalid-job', 'no', faults))
  expect(error).toBeInstanceOf(Problem)
  expect(error).toMatchObject({ code: 'invalid-job', message: 'no', errors: faults })
  expect(thrown(new TooManyProposals('3 changes'))).toMatchObject({ code: 'not-leader' })
})

test('whatever is not certain is uncertain where the caller is', () => {
  expect(thrown(new NotCommitted('lost'))).toBeInstanceOf(NotCommitted)
  expect(thrown(new Error('broken'))).toBeInstanceOf(NotCommitted)
  expect(thrown('text')).toBeInstanceOf(NotCommitted)
  const unknown = new Problem('not-leader', 'from a newer build')
  Object.assign(unknown, { code: 'of-tomorrow' })
  expect(thrown(unknown)).toBeInstanceOf(NotCommitted)
})
