import { describe, expect, test } from 'vitest'
import { Progress } from './progress.ts'

function progress(change: { match?: number; next?: number; inflightMax?: number } = {}): Progress {
  const inflightMax = change.inflightMax ?? 4
  const fresh = new Progress({
    id: 2,
    next: 1,
    recentlyActive: true,
    inflightMax,
    inflightBytesMax: Number.POSITIVE_INFINITY,
  })
  fresh.restart(change.match ?? 0, change.next ?? 1)
  return fresh
}

describe('a member that is probed', () => {
  test('is sent one append with entries, then waits for its answer', () => {
    const peer = progress({ next: 5 })
    peer.sentEntries(0, 0)
    expect(peer.paused).toBe(false)
    peer.sentEntries(3, 30)
    expect(peer).toMatchObject({ paused: true, next: 5 })
    expect(peer.acknowledged(7)).toBe(true)
    expect(peer).toMatchObject({ paused: false, match: 7, next: 8 })
  })

  test('moves back to the hint, never at or below what it is known to hold', () => {
    const peer = progress({ match: 3, next: 10 })
    expect(peer.refused(9, 6)).toBe(true)
    expect(peer.next).toBe(7)
    expect(peer.refused(6, 0)).toBe(true)
    expect(peer.next).toBe(4)
  })

  test('ignores a rejection of another probe than the last', () => {
    const peer = progress({ next: 10 })
    expect(peer.refused(7, 2)).toBe(false)
    expect(peer.next).toBe(10)
  })
})

describe('a member that is replicated to', () => {
  test('is sent on without waiting until its window is full', () => {
    const peer = progress({ match: 2, next: 3, inflightMax: 2 })
    peer.becomeReplicate()
    peer.sentEntries(2, 20)
    expect(peer).toMatchObject({ next: 5, paused: false })
    peer.sentEntries(1, 10)
    expect(peer).toMatchObject({ next: 6, paused: true })
    peer.acknowledged(4)
    peer.inflights.freeUpTo(4)
    expect(peer.paused).toBe(false)
  })

  test('takes a rejection of what it holds already for an old one', () => {
    const peer = progress({ match: 6, next: 7 })
    peer.becomeReplicate()
    peer.sentEntries(3, 3)
    expect(peer.refused(6, 1)).toBe(false)
    expect(peer.refused(8, 1)).toBe(true)
    expect(peer.next).toBe(7)
  })
})

describe('a member that is sent a snapshot', () => {
  test('is sent nothing else, and is probed after the snapshot when it has arrived', () => {
    const peer = progress({ match: 1, next: 2 })
    peer.becomeSnapshot(9)
    expect(peer).toMatchObject({ paused: true, next: 10 })
    peer.becomeProbe()
    expect(peer).toMatchObject({ state: 'probe', next: 10, pendingSnapshot: 0 })
  })

  test('is probed where it was when the snapshot did not arrive', () => {
    const peer = progress({ match: 1, next: 2 })
    peer.becomeSnapshot(9)
    peer.pendingSnapshot = 0
    peer.becomeProbe()
    expect(peer).toMatchObject({ state: 'probe', next: 2 })
  })
})

test('a commit index is worth sending until one was sent that covers all that the member was sent', () => {
  const peer = progress({ match: 5, next: 6 })
  peer.becomeReplicate()
  peer.sentEntries(2, 2)
  peer.sentCommit(5)
  expect(peer.canUseCommit(5)).toBe(false)
  expect(peer.canUseCommit(6)).toBe(true)
  peer.sentCommit(9)
  expect(peer.canUseCommit(10)).toBe(false)
})

test('an acknowledgement never takes the progress back', () => {
  const peer = progress({ match: 5, next: 9 })
  expect(peer.acknowledged(5)).toBe(false)
  expect(peer.acknowledged(2)).toBe(false)
  expect(peer).toMatchObject({ match: 5, next: 9 })
})
