import { expect, test } from 'vitest'
import type { Message } from '../raft/types.ts'
import { mayLeave } from './durable-first.ts'
import { voteText } from './member-id.ts'

const wal = { hardState: { term: 3, vote: voteText(7), commit: 0 }, lastIndex: 10 }

function appended(term: number, index: number, rejected = false): Message {
  return { type: 'append-response', from: 1, to: 2, term, index, rejected, rejectHint: 0, logTerm: 0 }
}

function voted(term: number, to: number, rejected = false): Message {
  return { type: 'vote-response', from: 1, to, term, rejected }
}

test.each<[string, Message]>([
  ['entries that are durable', appended(3, 10)],
  ['a vote that is durable', voted(3, 7)],
  ['no vote', voted(3, 8, true)],
  ['no entries', appended(3, 99, true)],
  ['a vote that is only asked for', { type: 'pre-vote-response', from: 1, to: 2, term: 9, rejected: false }],
])('an answer may leave with %s', (_what, message) => {
  expect(mayLeave(message, wal)).toBe(true)
})

test.each([
  appended(2, 12),
  appended(2, 9),
  voted(2, 7),
  voted(2, 8, true),
])('an answer of a term that is over counts nowhere, and does not leave', (message) => {
  expect(mayLeave(message, wal)).toBe(false)
})

test.each([
  ['entries that are not', appended(3, 11)],
  ['a vote for another', voted(3, 8)],
  ['a term that is not', voted(4, 7, true)],
])('no answer leaves with %s', (_what, message) => {
  expect(() => mayLeave(message, wal)).toThrow(/durable before/)
})
