import { expect, test } from 'vitest'
import { callbackFinish } from './callback-outcome.ts'

test.each([
  [429, 'refused', 'executor-busy', true],
  [503, 'refused', 'executor-busy', true],
  [404, 'refused', 'handler-unknown', true],
  [421, 'refused', 'executor-mismatch', true],
  [401, 'failed', 'signature-refused', false],
  [413, 'failed', 'request-too-large', false],
  [422, 'failed', 'request-refused', false],
] as const)('what was handed over and refused with %i means what that answer to a call means', (status, ...expected) => {
  const said = { outcome: 'refused', status, error: { message: 'no', code: 'x' } }
  const finish = callbackFinish(said, 'the executor')
  expect([finish.outcome, finish.error?.code, finish.retryable]).toEqual(expected)
  expect(finish).toMatchObject({ status, error: { message: expect.stringContaining(': no') as string } })
})

test('a refusal that gives no status means that there was no room', () => {
  expect(callbackFinish({ outcome: 'refused' }, 'the executor')).toMatchObject({ outcome: 'refused', status: 503 })
})

test('what was begun is taken as it is said', () => {
  const said = { outcome: 'succeeded', result: { rows: 1 }, status: 404 }
  expect(callbackFinish(said, 'the executor')).toEqual({ outcome: 'succeeded', retryable: true, result: { rows: 1 } })
})
