import { expect, test } from 'vitest'
import { Attempt, type Settled } from './attempt.ts'
import { Inbox, INBOX_ENTRIES_MAX, INBOX_TEXT_MAX, INBOX_TTL_MS, SEEN_MAX, SEEN_TTL_MS } from './inbox.ts'
import { VirtualClock } from './test-kit.ts'

const clock = new VirtualClock()

function end(inbox: Inbox, id: string, text: string, now: number): void {
  const attempt = new Attempt(id, clock, 0)
  inbox.take(id, attempt, now)
  inbox.settle(attempt, { kind: 'outcome', text }, now)
}

test('an outcome is forgotten after ten minutes, its attempt when its signature cannot hold any more', () => {
  const inbox = new Inbox()
  end(inbox, 'a', 'done', 0)
  expect(inbox.find('a', [], INBOX_TTL_MS - 1)).toEqual({ kind: 'ended', text: 'done' })
  expect(inbox.find('a', [], INBOX_TTL_MS)).toEqual({ kind: 'seen' })
  expect(inbox.find('a', [], SEEN_TTL_MS)).toEqual({ kind: 'new' })
})

test('beyond ten thousand outcomes the oldest makes room, but its attempt does not run again', () => {
  const inbox = new Inbox()
  for (let i = 0; i <= INBOX_ENTRIES_MAX; i++) end(inbox, `a${i}`, 'done', 0)
  expect(inbox.find('a0', [], 1)).toEqual({ kind: 'seen' })
  expect(inbox.find('a1', [], 1)).toMatchObject({ kind: 'ended' })
})

test('outcomes are bounded by their size, and a size is given back', () => {
  const inbox = new Inbox()
  const half = 'x'.repeat(INBOX_TEXT_MAX / 2)
  end(inbox, 'a', half, 0)
  end(inbox, 'b', half, 0)
  expect(inbox.find('a', [], 1)).toMatchObject({ kind: 'ended' })
  end(inbox, 'c', 'x', 0)
  expect(inbox.find('a', [], 1)).toEqual({ kind: 'seen' })
  expect(inbox.find('b', [], 1)).toMatchObject({ kind: 'ended' })
  expect(inbox.find('b', [], INBOX_TTL_MS)).toEqual({ kind: 'seen' })
  end(inbox, 'd', half, INBOX_TTL_MS)
  end(inbox, 'e', half, INBOX_TTL_MS)
  expect(inbox.find('d', [], INBOX_TTL_MS + 1)).toMatchObject({ kind: 'ended' })
})

test('the ids that were seen are bounded too', () => {
  const inbox = new Inbox()
  for (let i = 0; i <= SEEN_MAX; i++) end(inbox, `a${i}`, '', 0)
  expect(inbox.find('a0', [], 1)).toEqual({ kind: 'new' })
  expect(inbox.find('a1', [], 1)).toEqual({ kind: 'seen' })
})

test('an outcome among the superseded comes before a handler that runs, and the newest before older ones', () => {
  const inbox = new Inbox()
  const running = new Attempt('r', clock, 0)
  inbox.take('r', running, 0)
  expect(inbox.find('new', ['r'], 0)).toEqual({ kind: 'running', attempt: running })
  end(inbox, 'a', 'first', 0)
  end(inbox, 'b', 'second', 0)
  expect(inbox.find('new', ['a', 'b', 'r'], 0)).toEqual({ kind: 'ended', text: 'second' })
})

test('what was refused is forgotten, so that it may come again; what was given up runs for newer attempts alone', () => {
  const inbox = new Inbox()
  const settle = (id: string, settled: Settled, ...joined: string[]) => {
    const attempt = new Attempt(id, clock, 0)
    attempt.ids.push(...joined)
    for (const each of attempt.ids) inbox.take(each, attempt, 0)
    inbox.settle(attempt, settled, 0)
  }
  settle('a', { kind: 'refused', problem: { code: 'invalid-params' } })
  expect(inbox.find('a', [], 0)).toEqual({ kind: 'new' })
  settle('b', { kind: 'abandoned' }, 'joined')
  for (const id of ['b', 'joined']) expect(inbox.find(id, [], 0)).toEqual({ kind: 'seen' })
  expect(inbox.find('c', ['b'], 0)).toEqual({ kind: 'new' })
})

test('a call that comes after the one that took its place runs nothing', () => {
  const inbox = new Inbox()
  expect(inbox.find('second', ['first'], 0)).toEqual({ kind: 'new' })
  inbox.take('second', new Attempt('second', clock, 0), 0)
  expect(inbox.find('first', [], 1)).toEqual({ kind: 'seen' })
})
