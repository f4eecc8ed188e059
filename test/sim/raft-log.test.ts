import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeEntry } from '../../control-plane/src/cluster/entry-codec.ts'
import { encodeMembership } from '../../control-plane/src/cluster/membership-codec.ts'
import { raftId, voteText } from '../../control-plane/src/cluster/member-id.ts'
import { RaftLog, type RaftLogOptions } from '../../control-plane/src/cluster/raft-log.ts'
import type { Entry, Membership, Snapshot } from '../../control-plane/src/raft/types.ts'
import type { Wal } from '../../control-plane/src/wal/wal.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { open } from './wal-sweeps.ts'

const MEMBERSHIP: Membership = { voters: [1, 2], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

test('recent entries come at once, older ones are fetched, and whoever asked is told', async () => {
  const { log, write, fetched } = await opened({ windowBytesMax: 2000, fetchBytes: 800, fetchedBytesMax: 2000 })
  await write(entries(1, 60, 1))
  log.appliedTo(60)
  await write(entries(61, 62, 1))
  expect(indexes(log.entries(58, 63, 1e6))).toEqual([58, 59, 60, 61, 62])
  expect(log.entries(5, 20, 1e6)).toBe('fetching')
  expect(log.entries(5, 20, 1e6)).toBe('fetching')
  await fetched(1)
  const older = log.entries(5, 20, 1e6)
  expect(indexes(older).slice(0, 3)).toEqual([5, 6, 7])
  expect(older).toEqual(entries(5, 20, 1).slice(0, older.length))
  expect(log.entries(6, 20, 0)).toHaveLength(1)
})

test('a follower that lags is read ahead for: what comes next is there before it asks', async () => {
  const { log, write, fetched } = await opened({ windowBytesMax: 500, fetchBytes: 1000, fetchedBytesMax: 4000 })
  await write(entries(1, 90, 1))
  log.appliedTo(90)
  expect(log.entries(1, 91, 1e6)).toBe('fetching')
  let waits = 1
  let next = 1
  await fetched(1)
  while (next < 80) {
    const some = log.entries(next, 91, 300)
    if (some === 'fetching') {
      waits++
      expect(waits).toBeLessThan(3)
    } else next = indexes(some).at(-1)! + 1
    // The disk answers within a turn of the loop.
    await new Promise((resolve) => setImmediate(resolve))
  }
})

test('many followers far apart: memory stays bounded, and each of them gets on', async () => {
  const { log, write } = await opened({ windowBytesMax: 500, fetchBytes: 700, fetchedBytesMax: 1500 })
  await write(entries(1, 200, 1))
  log.appliedTo(200)
  const at = [1, 40, 80, 120, 160]
  for (let turn = 0; turn < 400 && at.some((next) => next < 190); turn++) {
    for (const [who, next] of at.entries()) {
      if (next >= 190) continue
      const some = log.entries(next, 191, 400)
      if (some !== 'fetching') at[who] = indexes(some).at(-1)! + 1
      expect(log.bytes).toBeLessThan(500 + 1500 + 2 * 900)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(at.every((next) => next >= 190)).toBe(true)
})

test('what is not applied stays in memory, however much it is', async () => {
  const { log, write } = await opened({ windowBytesMax: 100 })
  await write(entries(1, 50, 1))
  expect(log.entries(1, 51, 1e6)).toHaveLength(50)
  log.appliedTo(30)
  expect(log.entries(31, 51, 1e6)).toHaveLength(20)
  expect(log.entries(30, 51, 1e6)).toBe('fetching')
})

test('a start takes into memory what is not applied, and the commit is never below it', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const { write } = await opened({}, disk)
  await write(entries(1, 50, 3))
  disk.crash('process')
  const { log } = await opened({ applied: 40 }, disk)
  expect(indexes(log.entries(41, 51, 1e6))).toHaveLength(10)
  expect(log.entries(40, 51, 1e6)).toBe('fetching')
  expect(log.initialState()).toEqual({ hardState: { term: 3, vote: 7, commit: 40 }, membership: MEMBERSHIP })
  expect([log.firstIndex(), log.lastIndex(), log.term(0), log.term(50), log.term(51)]).toEqual([
    1,
    50,
    0,
    3,
    'beyond-end',
  ])
})

test('an overwritten suffix is in no window and in no range, not even in one that is being read', async () => {
  const { log, write, fetched } = await opened({ windowBytesMax: 600, fetchBytes: 1e6 })
  await write(entries(1, 60, 1))
  log.appliedTo(20)
  log.appliedTo(10)
  expect(log.entries(1, 61, 1e6)).toBe('fetching')
  await write(entries(41, 45, 2))
  await fetched(1)
  expect(log.entries(1, 46, 1e6)).toEqual(entries(1, 40, 1).slice(0, indexes(log.entries(1, 46, 1e6)).length))
  expect(log.entries(39, 46, 1e6)).toEqual([...entries(39, 40, 1), ...entries(41, 45, 2)])
  expect([40, 41, 45, 46].map((index) => log.term(index))).toEqual([1, 2, 2, 'beyond-end'])
  expect(log.entries(39, 47, 1e6)).toBe('beyond-end')
})

test('compaction and an installed snapshot move the first index; what is before it is compacted', async () => {
  const states: Snapshot[] = []
  const { log, wal, write } = await opened({ newestState: () => states.at(-1) ?? 'fetching' })
  await write(entries(1, 50, 1))
  log.appliedTo(50)
  log.compacted(20, 1)
  expect(log.firstIndex()).toBe(21)
  expect([log.term(19), log.term(20), log.entries(20, 30, 1e6)]).toEqual(['compacted', 1, 'compacted'])
  expect(log.entries(21, 30, 1e6)).toHaveLength(9)
  expect(log.snapshot()).toBe('fetching')
  states.push({ index: 10, term: 1, membership: MEMBERSHIP })
  expect(log.snapshot()).toBe('fetching')
  states.push({ index: 20, term: 1, membership: MEMBERSHIP })
  expect(log.snapshot()).toMatchObject({ index: 20 })
  const snapshot = { index: 90, term: 4, membership: MEMBERSHIP }
  const hardState = { term: 4, vote: '', commit: 90 }
  await wal.installSnapshot({ ...snapshot, membership: encodeMembership(MEMBERSHIP), stateFolder: 's', hardState })
  log.installed(snapshot)
  expect([log.firstIndex(), log.lastIndex(), log.term(89), log.term(90)]).toEqual([91, 90, 'compacted', 4])
  expect(log.entries(50, 51, 1e6)).toBe('compacted')
  await write(entries(91, 92, 4))
  expect(indexes(log.entries(91, 93, 1e6))).toEqual([91, 92])
})

test('whatever is asked in whatever order: the entries of the log, or a word that says why not', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant('overwrite' as const), back: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ do: fc.constant('apply' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ do: fc.constant('ask' as const), from: fc.nat(120), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('wait' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { log, write } = await opened({ windowBytesMax: 700, fetchBytes: 500, fetchedBytesMax: 1500 })
      let model: Entry[] = []
      let applied = 0
      let term = 1
      for (const step of steps) {
        const last = model.length
        if (step.do === 'append' || step.do === 'overwrite') {
          const first = step.do === 'append' ? last + 1 : Math.max(applied, last - step.back) + 1
          if (step.do === 'overwrite') term++
          const more = entries(first, first + (step.do === 'append' ? step.count : 2), term)
          model = [...model.slice(0, first - 1), ...more]
          await write(more)
        } else if (step.do === 'apply') {
          applied += Math.floor((last - applied) * step.share)
          log.appliedTo(applied)
        } else if (step.do === 'wait') await new Promise((resolve) => setImmediate(resolve))
        else if (step.from > 0) {
          const got = log.entries(step.from, step.from + step.count, 400)
          if (step.from + step.count > last + 1) expect(got).toBe('beyond-end')
          else if (step.from > applied) expect(got).not.toBe('fetching')
          if (Array.isArray(got)) expect(got).toEqual(model.slice(step.from - 1, step.from - 1 + got.length))
        }
      }
    }),
    { numRuns: 150, seed: 11 },
  )
})

test('a vote survives as text, an id of a member is its first 52 bits', () => {
  expect(raftId('0123456789abcdef')).toBe(0x0123456789abc)
  expect(raftId('ffffffffffffffff')).toBe(2 ** 52 - 1)
  expect(voteText(raftId('0123456789abcdef'))).toBe('0123456789abc')
  expect(voteText(0)).toBe('')
  expect(() => raftId('n1')).toThrow(/16 hexadecimal digits/)
})

async function opened(options: Partial<RaftLogOptions>, disk = new SimulatedDisk({ seed: 1 })) {
  const wal = await open(disk)
  let told = 0
  let wake: () => void = () => undefined
  const log = await RaftLog.open({
    wal,
    applied: 0,
    membership: MEMBERSHIP,
    newestState: () => 'fetching',
    onFetched() {
      told++
      wake()
    },
    onFatal(error) {
      throw error
    },
    ...options,
  })
  return {
    log,
    wal,
    write: (more: Entry[]) => write(wal, log, more),
    /** Waits until `onFetched` was called so often. */
    async fetched(times: number): Promise<void> {
      while (told < times) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}

async function write(wal: Wal, log: RaftLog, more: Entry[]): Promise<void> {
  const term = Math.max(wal.hardState.term, more.at(-1)!.term)
  const records = more.map((entry) => ({ index: entry.index, term: entry.term, payload: encodeEntry(entry) }))
  await wal.append(records, { term, vote: voteText(7), commit: wal.hardState.commit })
  log.appended(more)
}

/** Entries `from` to `to`, inclusive. */
function entries(from: number, to: number, term: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    index: from + i,
    term,
    kind: 'normal' as const,
    data: Buffer.from(`\u0001${from + i} of ${term} `.padEnd(60, '.')),
  }))
}

function indexes(some: ReturnType<RaftLog['entries']>): number[] {
  if (!Array.isArray(some)) throw new Error(`there are no entries: ${some}`)
  return some.map(({ index }) => index)
}
