import { expect, test } from 'vitest'
import { VirtualClock } from '../../../test/sim/virtual-clock.ts'
import type { Entry, HardState, MessageOf, Snapshot } from '../raft/types.ts'
import type { HardState as StoredHardState, Wal, WalRecord } from '../wal/wal.ts'
import { LogWriter } from './log-writer.ts'
import { raftId } from './member-id.ts'

type Append = MessageOf<'storage-append'>

const ME = raftId('1'.repeat(16))
const VOTE = '1'.repeat(13)
const NOTHING: HardState = { term: 0, vote: 0, commit: 0 }

/** A writer over a log whose writes end when the test says so; `events` is what it did, in order. */
function bench(hardState = NOTHING) {
  const clock = new VirtualClock(0)
  const events: string[] = []
  const writes: { records: readonly WalRecord[]; hardState: StoredHardState | undefined; end(error?: Error): void }[] =
    []
  const wal = {
    hardState: { term: hardState.term, vote: '', commit: hardState.commit },
    append(records: readonly WalRecord[], state?: StoredHardState) {
      const what = records.map(({ index, term }) => `${index}@${term}`).join(' ')
      events.push(`write ${what} | ${state?.term} ${state?.vote} ${state?.commit}`)
      return new Promise<void>((resolve, reject) => {
        const end = (error?: Error) => {
          if (error) return reject(error)
          events.push('durable')
          wal.hardState = state ?? wal.hardState
          resolve()
        }
        writes.push({ records, hardState: state, end })
      })
    },
  }
  const writer = new LogWriter(
    {
      wal: wal as unknown as Wal,
      clock,
      onDurable: (entries) =>
        void events.push(`kept ${entries.map(({ index, term }) => `${index}@${term}`).join(' ')}`),
      async install({ index }: Snapshot, { commit }) {
        events.push(`install ${index} ${commit}`)
        await Promise.resolve()
        wal.hardState = { ...wal.hardState, commit: index }
      },
      deliver(messages) {
        events.push(...messages.map(({ type, term }) => `${type} ${term}`))
        if (messages.length === 0) events.push('nothing')
      },
      onFatal: (error) => void events.push(`fatal ${(error as Error).message}`),
    },
    hardState,
  )
  /** Ends the oldest write, and lets everything follow that hangs on it. */
  const end = async (error?: Error) => {
    writes.shift()!.end(error)
    await turn()
  }
  return { clock, events, writes, writer, end }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function entry(index: number, term: number): Entry {
  return { index, term, kind: 'normal', data: new Uint8Array(1) }
}

/** What the core wants stored; its answer is named by `answers`, a term. */
function append(
  entries: Entry[],
  { hardState, answers, snapshot }: Partial<{ hardState: HardState; answers: number; snapshot: Snapshot }> = {},
): Append {
  return {
    type: 'storage-append',
    from: ME,
    to: -1,
    term: 0,
    entries,
    responses:
      answers === undefined ? [] : [{ type: 'vote-response', from: ME, to: ME, term: answers, rejected: false }],
    ...(hardState ? { hardState } : {}),
    ...(snapshot ? { snapshot } : {}),
  }
}

test('an answer leaves after what it depends on is durable, and after the log in memory has it', async () => {
  const { events, writer, end } = bench()
  writer.push(append([entry(1, 1)], { hardState: { term: 1, vote: ME, commit: 0 }, answers: 1 }))
  await turn()
  expect(events).toEqual([`write 1@1 | 1 ${VOTE} 0`])
  await end()
  expect(events.slice(1)).toEqual(['durable', 'kept 1@1', 'vote-response 1'])
})

test('what comes while a write is under way shares the next one, and is answered in the order in which it came', async () => {
  const { events, writer, end, writes } = bench()
  writer.push(append([entry(1, 1)], { answers: 1 }))
  writer.push(append([entry(2, 1)], { answers: 2 }))
  writer.push(append([], { hardState: { term: 2, vote: 0, commit: 1 }, answers: 3 }))
  writer.push(append([entry(3, 2)], { answers: 4 }))
  expect(writes).toHaveLength(1)
  expect(writer.writing).toBe(true)
  await end()
  expect(writes).toHaveLength(1)
  await end()
  expect(events.slice(3)).toEqual([
    'vote-response 1',
    'write 2@1 3@2 | 2  1',
    'durable',
    'kept 2@1 3@2',
    'vote-response 2',
    'vote-response 3',
    'vote-response 4',
  ])
  expect(writer.counters).toMatchObject({ entries: 3, appends: 2 })
})

test('of entries that replace others in one write, only those are written that hold', async () => {
  const { events, writer, end } = bench()
  writer.push(append([entry(1, 1)]))
  writer.push(append([entry(2, 1), entry(3, 1), entry(4, 1)]))
  writer.push(append([entry(3, 2)]))
  writer.push(append([entry(4, 2), entry(5, 2)]))
  await end()
  expect(events.at(-1)).toMatch(/^write 2@1 3@2 4@2 5@2/)
  writer.push(append([entry(5, 3), entry(6, 3)]))
  writer.push(append([entry(4, 4)]))
  await end()
  expect(events.at(-1)).toMatch(/^write 4@4 \|/)
})

test('a commit alone is not synced: it goes with the next entries, or once the log is idle', async () => {
  const { clock, events, writer, end } = bench()
  writer.push(append([entry(1, 1)]))
  await end()
  writer.push(append([], { hardState: { term: 0, vote: 0, commit: 1 }, answers: 7 }))
  await turn()
  expect(events.at(-1)).toBe('vote-response 7')
  await clock.run(15)
  expect(events.at(-1)).toBe('vote-response 7')
  await clock.run(25)
  expect(events.at(-1)).toBe('write  | 0  1')
  // What comes meanwhile waits for its own write.
  writer.push(append([entry(2, 1)]))
  await turn()
  expect(events.at(-1)).toBe('write  | 0  1')
  await end()
  expect(events.at(-1)).toBe('write 2@1 | 0  1')
  await end()
})

test('after a commit that was written alone, whoever waited for the end of a write hears of it', async () => {
  const { clock, events, writer, end } = bench()
  writer.push(append([entry(1, 1)], { hardState: { term: 1, vote: 0, commit: 0 } }))
  await end()
  writer.push(append([], { hardState: { term: 1, vote: 0, commit: 1 } }))
  await turn()
  await clock.run(25)
  expect(writer.writing).toBe(true)
  await end()
  expect(writer.writing).toBe(false)
  expect(events.slice(-2)).toEqual(['durable', 'nothing'])
})

test('a term or a vote is synced even without entries', async () => {
  const { events, writer, end } = bench()
  writer.push(append([], { hardState: { term: 3, vote: 0, commit: 0 }, answers: 3 }))
  await turn()
  expect(events).toEqual(['write  | 3  0'])
  await end()
  expect(events.at(-1)).toBe('vote-response 3')
})

test('a state is installed between the entries before it and those after it', async () => {
  const { events, writer, end } = bench()
  const membership = { voters: [ME], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  writer.push(append([entry(1, 1)], { answers: 1 }))
  writer.push(append([entry(2, 1)], { answers: 2 }))
  const hardState = { term: 1, vote: 0, commit: 9 }
  writer.push(append([], { snapshot: { index: 9, term: 1, membership }, hardState, answers: 3 }))
  writer.push(append([entry(10, 1)], { answers: 4 }))
  await end()
  await end()
  await end()
  expect(events.filter((event) => !event.startsWith('kept') && event !== 'durable')).toEqual([
    'write 1@1 | 0  0',
    'vote-response 1',
    'write 2@1 | 0  0',
    'vote-response 2',
    'install 9 9',
    'vote-response 3',
    'write 10@1 | 1  9',
    'vote-response 4',
  ])
})

test('a write that fails is told once, and nothing that depended on it, or came after, is answered', async () => {
  const { clock, events, writer, writes, end } = bench()
  writer.push(append([entry(1, 1)], { answers: 1 }))
  writer.push(append([entry(2, 1)], { answers: 2 }))
  await end(new Error('EIO'))
  writer.push(append([entry(3, 1)], { answers: 3 }))
  await clock.run(1000)
  await writer.stop()
  expect(events).toEqual(['write 1@1 | 0  0', 'fatal EIO'])
  expect(writes).toEqual([])
})

test('a stop waits for what is under way, and writes the commit down', async () => {
  const { events, writer, end, clock } = bench()
  writer.push(append([entry(1, 1)], { answers: 1 }))
  writer.push(append([], { hardState: { term: 0, vote: 0, commit: 1 } }))
  const stopped = writer.stop()
  await end()
  expect(events.at(-1)).toBe('write  | 0  1')
  await end()
  await stopped
  writer.push(append([entry(2, 1)]))
  await clock.run(100)
  expect(events.at(-1)).toBe('durable')
})
