import { expect, test } from 'vitest'
import { attemptKey, jobRunsPrefix, lateResultKey, placeOf, stretchKey } from './keys.ts'
import { indexOfOutboxKey, outboxKey, outboxRows, OutboxWriter } from './outbox-rows.ts'

test('the outbox names the rows of an entry by their keys, in order, whatever they are', () => {
  const index = 123_456_789
  const keys = [
    jobRunsPrefix(77, 'timed-out') + placeOf({ fireTime: 1_800_000_000_000, sequence: [index, 0] }),
    attemptKey('abcdefghijklmnopqrstuvwxyz', 3, 35),
    stretchKey(5, 1_800_000_000_000, [index, 2]),
    lateResultKey('some-run', [index, 3]),
  ] as const
  const writer = new OutboxWriter()
  writer.add(keys[0])
  writer.addAttempt(keys[1], 77, 9)
  writer.add(keys[2])
  writer.add(keys[3])
  const entry = writer.take(1004)
  expect(entry?.[0]).toBe(1000)
  expect(entry && outboxRows(index, entry)).toEqual([
    { kind: 'run', key: keys[0] },
    { kind: 'attempt', key: keys[1], job: 77, namespace: 9 },
    { kind: 'stretch', key: keys[2] },
    { kind: 'late-result', key: keys[3] },
  ])
  expect(writer.take(1004)).toBeUndefined()
  expect(indexOfOutboxKey(outboxKey(index))).toBe(index)
})
