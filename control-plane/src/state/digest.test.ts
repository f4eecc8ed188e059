import { expect, test } from 'vitest'
import type { Sink } from '../logs/sink.ts'
import type { Notice } from '../runs/notice.ts'
import type { EndedAttempt } from '../runs/run.ts'
import { apply } from './apply.ts'
import type { Command } from './commands.ts'
import { digestAfter } from './digest.ts'
import { DIGEST_EVERY, DigestRing } from './digest-ring.ts'
import { emptyState } from './state.ts'

const COMMANDS: Command[] = [
  { kind: 'cluster-init', at: 1000, cluster: 'c1', namespaceSlots: 10 },
  { kind: 'namespace-put', at: 2000, name: 'team', change: { description: '', slots: 5, queuedRunsMax: 9 } },
  { kind: 'node-up', at: 3000, node: '00000000000000aa', incarnation: 1 },
]

function digestsOf(commands: readonly Command[]): number[] {
  const state = emptyState()
  return commands.map((command, at) => {
    apply(state, { index: at + 1, term: 1, command })
    return state.digest
  })
}

test('the same entries give the same digests, whole numbers that fit 53 bits', () => {
  const digests = digestsOf(COMMANDS)
  expect(digestsOf(COMMANDS)).toEqual(digests)
  for (const digest of digests) expect(Number.isSafeInteger(digest) && digest >= 0).toBe(true)
  expect(new Set(digests).size).toBe(digests.length)
})

test('a difference in one entry shows in every digest after it', () => {
  const other = [...COMMANDS]
  other[1] = { kind: 'namespace-put', at: 2000, name: 'team', change: { description: '', slots: 5, queuedRunsMax: 9 } }
  expect(digestsOf(other)).toEqual(digestsOf(COMMANDS))
  other[1] = { ...other[1], at: 2001 }
  const [first, second, third] = digestsOf(COMMANDS)
  const digests = digestsOf(other)
  expect(digests[0]).toBe(first)
  expect(digests[1]).not.toBe(second)
  expect(digests[2]).not.toBe(third)
})

test('any field of a change that counts changes the digest', () => {
  const state = { ...emptyState(), index: 9, term: 2, digest: 123_456_789 }
  const row = {
    id: 'r1-0-1',
    run: 'r1',
    shard: 0,
    ordinal: 1,
    fencingToken: 7,
    executor: 'e',
    node: 'n',
    startedAt: 5,
    endedAt: 2 ** 40,
    outcome: 'succeeded' as const,
    next: 'done' as const,
    sequence: [9, 0] as const,
  }
  const digest = (more: Partial<EndedAttempt>) =>
    digestAfter(state, [{ kind: 'ended-attempt', job: 3, namespace: 1, row: { ...row, ...more } }])
  const digests = [
    {},
    { id: 'r1-0-2' },
    { fencingToken: 8 },
    { endedAt: 2 ** 40 + 1 },
    { endedAt: 2 ** 41 },
    { outcome: 'failed' as const },
    { next: 'retry' as const },
    { sequence: [9, 1] as const },
    { sequence: [8, 0] as const },
  ].map((more) => digest(more))
  expect(new Set(digests).size).toBe(digests.length)
})

test('digests of many entries are spread: among 100,000 none comes twice', () => {
  const state = emptyState()
  const seen = new Set<number>()
  for (let index = 1; index <= 100_000; index++) {
    state.index = index
    state.digest = digestAfter(state, [])
    seen.add(state.digest)
  }
  expect(seen.size).toBe(100_000)
})

test('the ring keeps every 1,024th index, the newest few, and names the first index at which members differ', () => {
  const ring = new DigestRing()
  const other = new DigestRing()
  for (let index = 1; index <= 100 * DIGEST_EVERY; index++) {
    ring.note(index, index)
    other.note(index, index >= 97 * DIGEST_EVERY ? -1 : index)
  }
  expect(ring.entries()).toHaveLength(64)
  expect(ring.newest).toEqual({ index: 100 * DIGEST_EVERY, digest: 100 * DIGEST_EVERY })
  expect(ring.at(5 * DIGEST_EVERY)).toBeUndefined()
  expect(ring.differsFrom(other.entries())).toBe(97 * DIGEST_EVERY)
  expect(ring.differsFrom(ring.entries())).toBeUndefined()
  expect(ring.differsFrom([{ index: 5 * DIGEST_EVERY, digest: 1 }])).toBeUndefined()
  ring.clear()
  expect(ring.newest).toBeUndefined()
})

test('who stopped schedules, from when until when, and what became of a notice change the digest', () => {
  const state = { ...emptyState(), index: 9, term: 2, digest: 123_456_789 }
  const notice = { id: 1, reason: 'overlap', count: 1, attempts: 0, state: 'open' } as Notice
  const digests = [
    ...[undefined, {}, { by: 'b' }, { entry: 6 }, { from: 2 }, { to: 2 }].map((more) => {
      const pause = { by: 'a', entry: 5, from: 1, ...more }
      return digestAfter({ ...state, ...(more ? { pause } : {}) }, [{ kind: 'meta', id: 'pause' }])
    }),
    ...[
      {},
      { reason: 'paused' as const },
      { count: 2 },
      { attempts: 1 },
      { state: 'failed' as const },
      { nextAt: 5 },
    ].map((more) =>
      digestAfter({ ...state, notices: new Map([[1, { ...notice, ...more }]]) }, [{ kind: 'notice', id: 1 }]),
    ),
  ]
  expect(new Set(digests).size).toBe(digests.length)
})

test('how far a sink is, what it misses and what is wrong with it change the digest, and so do the rows so far', () => {
  const state = { ...emptyState(), index: 9, term: 2, digest: 123_456_789 }
  const sink = { uid: 1, version: 1, paused: false, cursor: [1, 1], position: 2, rows: 2, gaps: [] } as object as Sink
  const gap = { from: [1, 1], to: [1, 2], count: 2, at: 5 } as const
  const digests = [
    {},
    { version: 2 },
    { paused: true },
    { cursor: [1, 2] as const },
    { cursor: [2, 1] as const },
    { position: 3 },
    { rows: 3 },
    { trouble: { since: 4, error: 'a' } },
    { trouble: { since: 4, error: 'b' } },
    { trouble: { since: 5, error: 'a' } },
    { lastTrouble: { since: 4, until: 6, error: 'a' } },
    { lastTrouble: { since: 4, until: 6, error: 'b' } },
    { lastTrouble: { since: 4, until: 7, error: 'a' } },
    { lastTrouble: { since: 5, until: 6, error: 'a' } },
    { gaps: [gap] },
    { gaps: [{ ...gap, count: 1 }] },
    { gaps: [{ ...gap, to: [1, 3] as const }] },
  ].map((more) => digestAfter({ ...state, sinks: new Map([[1, { ...sink, ...more }]]) }, [{ kind: 'sink', id: 1 }]))
  digests.push(digestAfter(state, [{ kind: 'sink', id: 1 }]))
  digests.push(digestAfter({ ...state, ledgerRows: 1 }, [{ kind: 'sink', id: 1 }]))
  expect(new Set(digests).size).toBe(digests.length)
})

test('rows of days, and how far days have been added up, change the digest', () => {
  const state = { ...emptyState(), index: 9, term: 2, digest: 123_456_789 }
  const row = { day: 86_400_000, first: 7, pack: Uint8Array.of(1, 2, 3) }
  const digests = [
    ...[row, { ...row, day: 0 }, { ...row, first: 8 }, { ...row, pack: Uint8Array.of(1, 2, 4) }].map((one) =>
      digestAfter(state, [{ kind: 'day', row: one }]),
    ),
    digestAfter(state, [{ kind: 'day-gone', gone: row }]),
    ...[0, 86_400_000].map((countedTo) => digestAfter({ ...state, countedTo }, [{ kind: 'meta', id: 'counted' }])),
  ]
  expect(new Set(digests).size).toBe(digests.length)
})
