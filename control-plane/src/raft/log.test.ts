import { describe, expect, test } from 'vitest'
import { RaftLog } from './log.ts'
import type { Entry, Storage, Unavailable } from './types.ts'

const membership = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

function entries(first: number, ...terms: number[]): Entry[] {
  return terms.map((term, i) => ({ index: first + i, term, kind: 'normal', data: new Uint8Array(84) }))
}

/** A storage with these entries after `base`; every entry weighs 100 bytes. */
function storageWith(base: number, terms: number[], answer: { entries?: Unavailable } = {}): Storage {
  const stored = entries(base + 1, ...terms)
  return {
    initialState: () => ({ hardState: { term: 0, vote: 0, commit: 0 }, membership }),
    firstIndex: () => base + 1,
    lastIndex: () => base + stored.length,
    term: (index) => (index === base ? 1 : (stored[index - base - 1]?.term ?? 'beyond-end')),
    entries: (from, to, bytesMax) =>
      answer.entries ?? stored.slice(from - base - 1, to - base - 1).slice(0, Math.max(1, Math.floor(bytesMax / 100))),
    snapshot: () => 'fetching',
  }
}

function logWith(base: number, terms: number[], committedBytesMax = Number.POSITIVE_INFINITY): RaftLog {
  return new RaftLog(storageWith(base, terms), committedBytesMax)
}

function indexes(list: unknown): unknown {
  return Array.isArray(list) ? (list as Entry[]).map((entry) => entry.index) : list
}

describe('appending what a leader sent', () => {
  test('replaces from the first conflict on, and nothing before it', () => {
    const log = logWith(0, [1, 1, 2, 2])
    expect(log.appendAfter(1, 1, entries(2, 1, 3, 3), 0)).toBe(4)
    expect([log.lastIndex(), log.term(2), log.term(3), log.term(4)]).toEqual([4, 1, 3, 3])
    expect(indexes(log.unstable.entriesToStore())).toEqual([3, 4])
  })

  test('keeps a longer log that agrees, because the append may be an old one', () => {
    const log = logWith(0, [1, 1, 1])
    expect(log.appendAfter(0, 1, entries(1, 1), 3)).toBe(1)
    expect([log.lastIndex(), log.committed]).toEqual([3, 1])
  })

  test('refuses entries after one that it does not have', () => {
    const log = logWith(0, [1, 1])
    expect(log.appendAfter(2, 2, entries(3, 2), 0)).toBeUndefined()
    expect(log.appendAfter(5, 1, entries(6, 1), 0)).toBeUndefined()
  })

  test('never truncates what is committed', () => {
    const log = logWith(0, [1, 1, 1])
    log.commitTo(2)
    expect(() => log.appendAfter(1, 1, entries(2, 2), 0)).toThrow('nothing that is committed is truncated')
  })

  test('commits no further than it has agreed', () => {
    const log = logWith(0, [1, 1])
    log.appendAfter(2, 1, entries(3, 1), 9)
    expect(log.committed).toBe(3)
    expect(() => log.commitTo(4)).toThrow('what is committed is in the log')
  })
})

test('the place where logs may agree is the last entry of no higher term', () => {
  const log = logWith(10, [1, 1, 3, 3, 6])
  expect(log.lastNotAbove(15, 5)).toEqual({ index: 14, term: 3 })
  expect(log.lastNotAbove(13, 2)).toEqual({ index: 12, term: 1 })
  expect(log.lastNotAbove(15, 6)).toEqual({ index: 15, term: 6 })
  expect(log.lastNotAbove(12, 0)).toEqual({ index: 9, term: 0 })
})

test('a log is up to date by its last term, then by its length', () => {
  const log = logWith(0, [1, 2, 2])
  expect([log.isUpToDate(1, 3), log.isUpToDate(3, 2), log.isUpToDate(2, 2), log.isUpToDate(9, 1)]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

describe('a slice', () => {
  test('joins what is durable and what is not, within the bytes, and gives at least one entry', () => {
    const log = logWith(0, [1, 1, 1])
    log.append(entries(4, 1, 1))
    expect(indexes(log.slice(2, 6, Number.POSITIVE_INFINITY))).toEqual([2, 3, 4, 5])
    expect(indexes(log.slice(2, 6, 350))).toEqual([2, 3, 4])
    expect(indexes(log.slice(2, 6, 250))).toEqual([2, 3])
    expect(indexes(log.slice(2, 6, 0))).toEqual([2])
    expect(indexes(log.slice(4, 6, 0))).toEqual([4])
  })

  test('says when the entries are gone, or still on their way from the disk', () => {
    expect(logWith(10, [1]).slice(10, 12, 100)).toBe('compacted')
    const fetching = new RaftLog(storageWith(0, [1, 1], { entries: 'fetching' }), 1000)
    expect(fetching.slice(1, 3, 100)).toBe('fetching')
  })
})

describe('committed entries', () => {
  test('wait while as many bytes as allowed are with the host', () => {
    const log = logWith(0, [1, 1, 1], 200)
    log.commitTo(3)
    const first = log.committedToApply(true)
    expect(indexes(first)).toEqual([1, 2])
    log.handedOut(first, true)
    expect(log.committedToApply(true)).toEqual([])
    log.appliedTo(2, 200)
    expect(indexes(log.committedToApply(true))).toEqual([3])
  })

  test('are handed out only when durable, where the host reads beside its writes', () => {
    const log = logWith(0, [1])
    log.append(entries(2, 1, 1))
    log.commitTo(3)
    expect(indexes(log.committedToApply(false))).toEqual([1])
    expect(indexes(log.committedToApply(true))).toEqual([1, 2, 3])
  })

  test('wait while the disk fetches them, without asking again and again', () => {
    const log = new RaftLog(storageWith(0, [1, 1], { entries: 'fetching' }), 1000)
    log.commitTo(2)
    expect(log.hasCommittedToApply(true)).toBe(true)
    expect(log.committedToApply(true)).toEqual([])
    expect(log.hasCommittedToApply(true)).toBe(false)
    log.awaitsFetch = false
    expect(log.hasCommittedToApply(true)).toBe(true)
  })

  test('wait while a snapshot is being installed, which never moves the log back', () => {
    const log = logWith(0, [1, 1])
    log.commitTo(1)
    expect(() => log.restore({ index: 1, term: 1, membership })).toThrow('never moves the log back')
    log.restore({ index: 7, term: 2, membership })
    expect([log.firstIndex(), log.lastIndex(), log.committed, log.term(7), log.term(3)]).toEqual([
      8,
      7,
      7,
      2,
      'compacted',
    ])
    expect(log.hasCommittedToApply(true)).toBe(false)
  })

  test('are applied in order, and no further than committed', () => {
    const log = logWith(0, [1, 1])
    log.commitTo(1)
    log.appliedTo(1, 0)
    expect(() => log.appliedTo(2, 0)).toThrow('applied goes up')
    expect(() => log.appliedTo(0, 0)).toThrow('applied goes up')
  })
})
