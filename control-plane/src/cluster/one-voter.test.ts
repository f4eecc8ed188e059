import { expect, test } from 'vitest'
import type { Clock } from '../runtime/clock.ts'
import type { Applied } from '../state/applied.ts'
import type { Command } from '../state/commands.ts'
import type { HardState, Wal, WalRecord } from '../wal/wal.ts'
import { NotCommitted, type Entry } from './consensus.ts'
import { decodeCommand } from './entry-codec.ts'
import { OneVoter, type OneVoterOptions, TooManyProposals } from './one-voter.ts'
import { replay } from './replay.ts'

test('an answer comes after the append, and what is proposed meanwhile shares the next one', async () => {
  const { wal, engine, entries } = await started()
  const first = engine.propose(command(1))
  await turns()
  const later = [2, 3, 4].map((at) => engine.propose(command(at)))
  await turns()
  expect(wal.appends.map(({ records }) => records.length)).toEqual([0, 1])
  expect(entries).toEqual([])
  wal.finish()
  expect(await first).toEqual({ kind: 'applied', index: 1, value: { uid: 1 } })
  await turns()
  expect(wal.appends.map(({ records }) => records.length)).toEqual([0, 1, 3])
  wal.finish()
  expect(await Promise.all(later)).toMatchObject([{ index: 2 }, { index: 3 }, { index: 4 }])
  expect(engine.counters).toMatchObject({ entries: 4, appends: 3 })
})

test('proposals of one turn share an append, entries are applied in order, each once', async () => {
  const { wal, engine, entries } = await started()
  const all = Promise.all(Array.from({ length: 100 }, (_, i) => engine.propose(command(i))))
  await turns()
  wal.finish()
  await all
  expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  expect(wal.appends).toHaveLength(2)
  expect(await engine.readIndex()).toBe(100)
})

test('what the log holds is what was applied', async () => {
  const { wal, engine, entries } = await started()
  const proposed = engine.propose(command(5))
  await turns()
  wal.finish()
  await proposed
  const found: Entry[] = []
  expect(await replay(wal, 1, (entry) => found.push(entry))).toBe(1)
  expect(found).toEqual(entries.map(({ index, term, command }) => ({ index, term, command })))
})

test('a rejection by apply is the outcome of its proposal', async () => {
  const rejection = { code: 'job-not-found', detail: 'x' } as const
  const { wal, engine } = await started({ apply: () => ({ changes: [], events: [], rejection }) })
  const proposed = engine.propose(command(1))
  await turns()
  wal.finish()
  expect(await proposed).toEqual({ kind: 'rejected', index: 1, rejection })
})

test('a batch is applied while the next append is under way', async () => {
  const { wal, engine, entries } = await started({ batchBytesMax: 1 })
  void engine.propose(command(1))
  void engine.propose(command(2))
  await turns()
  wal.finish()
  await turns()
  expect(wal.appends).toHaveLength(3)
  expect(entries.map(({ index }) => index)).toEqual([1])
})

test('a failed append ends the term: all who wait learn that nobody knows, the process is told once', async () => {
  const { wal, engine, fatal } = await started()
  const { signal } = engine.leadership()
  const waiting = [engine.propose(command(1))]
  await turns()
  waiting.push(engine.propose(command(2)))
  wal.fail(new Error('EIO'))
  for (const outcome of await Promise.allSettled(waiting)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(NotCommitted) })
  }
  expect(fatal.map(String)).toEqual(['Error: EIO'])
  expect(signal.aborted).toBe(true)
  expect(engine.leadership()).toMatchObject({ isLeader: false, leader: undefined })
  await expect(engine.propose(command(3))).rejects.toMatchObject({ code: 'storage-failed' })
  await engine.stop()
  expect(wal.closed).toBe(true)
  expect(fatal).toHaveLength(1)
})

test('an entry that cannot be applied is fatal, and nobody is left waiting', async () => {
  const { wal, engine, fatal } = await started({
    apply: (entry) => {
      if (entry.index === 2) throw new Error('a bug')
      return { changes: [], events: [] }
    },
  })
  const waiting = [1, 2, 3].map((at) => engine.propose(command(at)))
  await turns()
  waiting.push(engine.propose(command(4)))
  wal.finish()
  await turns()
  wal.finish()
  const outcomes = await Promise.allSettled(waiting)
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
  expect(fatal.map(String)).toEqual(['Error: a bug'])
})

test('a start is a new term, durable before anything is proposed', async () => {
  const wal = new FakeWal({ term: 6, vote: 'n1', commit: 0 })
  const { engine } = await started({}, wal)
  expect(wal.hardState).toEqual({ term: 7, vote: 'n1', commit: 0 })
  expect(engine.leadership()).toMatchObject({ term: 7, leader: 'n1', isLeader: true })
})

test('before its start a node is not the leader and takes no proposal', async () => {
  const engine = new OneVoter(options(new FakeWal(), [], [], new VirtualClock()))
  expect(engine.leadership().isLeader).toBe(false)
  await expect(engine.propose(command(1))).rejects.toMatchObject({ code: 'not-leader' })
})

test('the commit is recorded by the next append, or by itself once the log is idle', async () => {
  const { wal, engine, clock } = await started({ commitDelayMs: 20 })
  void engine.propose(command(1))
  await turns()
  wal.finish()
  await turns()
  void engine.propose(command(2))
  await turns()
  wal.finish()
  await turns()
  expect(wal.hardState.commit).toBe(1)
  clock.advance(19)
  expect(wal.appends).toHaveLength(3)
  clock.advance(1)
  wal.finish()
  await turns()
  expect(wal.hardState.commit).toBe(2)
  clock.advance(1000)
  expect(wal.appends).toHaveLength(4)
})

test('more proposals than the limit are refused, and certainly not committed', async () => {
  const { wal, engine } = await started({ proposalsMax: 2 })
  const taken = [engine.propose(command(1)), engine.propose(command(2))]
  await expect(engine.propose(command(3))).rejects.toThrow(TooManyProposals)
  await turns()
  wal.finish()
  await Promise.all(taken)
  expect(wal.lastIndex).toBe(2)
  const again = engine.propose(command(4))
  await turns()
  wal.finish()
  expect(await again).toMatchObject({ index: 3 })
})

test('more bytes than the limit are refused', async () => {
  const { engine } = await started({ proposalBytesMax: 100 })
  await expect(engine.propose(command(1, 'x'.repeat(100)))).rejects.toThrow(TooManyProposals)
})

test('a command larger than the log takes is refused alone', async () => {
  const { wal, engine } = await started()
  await expect(engine.propose(command(1, 'x'.repeat(2000)))).rejects.toMatchObject({ code: 'body-too-large' })
  const small = engine.propose(command(2))
  await turns()
  wal.finish()
  expect(await small).toMatchObject({ index: 1 })
})

test('an append carries at most batchBytesMax bytes, but always one command', async () => {
  const { wal, engine } = await started({ batchBytesMax: 300 })
  for (let i = 0; i < 4; i++) void engine.propose(command(i, 'x'.repeat(100)))
  void engine.propose(command(9, 'x'.repeat(800)))
  for (let i = 0; i < 5; i++) {
    await turns()
    wal.finish()
  }
  expect(wal.appends.map(({ records }) => records.length)).toEqual([0, 2, 2, 1])
})

test('applying a huge batch gives the event loop back every few milliseconds', async () => {
  const clock = new VirtualClock()
  const entries: Entry[] = []
  const { wal, engine } = await started(
    {
      apply: (entry) => {
        clock.spend(1)
        entries.push(entry)
        return { changes: [], events: [] }
      },
    },
    new FakeWal(),
    clock,
  )
  const all = Promise.all(Array.from({ length: 64 }, (_, i) => engine.propose(command(i))))
  await turns()
  wal.finish()
  await turns()
  const slices = [entries.length]
  while (entries.length < 64 && slices.length < 100) {
    clock.advance(0)
    await turns()
    slices.push(entries.length - slices.reduce((sum, slice) => sum + slice, 0))
  }
  await all
  expect(slices).toEqual([15, 16, 16, 16, 1])
})

test('stopping finishes what is under way, records the commit, closes the log and refuses what comes later', async () => {
  const { wal, engine } = await started()
  const changes: boolean[] = []
  engine.onLeadership(({ isLeader }) => changes.push(isLeader))
  const proposed = engine.propose(command(1))
  const stopped = engine.stop()
  await expect(engine.propose(command(2))).rejects.toMatchObject({ code: 'not-leader' })
  await turns()
  wal.finish()
  expect(await proposed).toMatchObject({ index: 1 })
  await turns()
  wal.finish()
  await stopped
  expect(wal.hardState.commit).toBe(1)
  expect(wal.closed).toBe(true)
  expect(changes).toEqual([false])
  await engine.stop()
})

test('every payload in the log decodes to its command', async () => {
  const { wal, engine } = await started()
  void engine.propose(command(3, 'abc'))
  await turns()
  wal.finish()
  expect(decodeCommand(wal.appends[1]!.records[0]!.payload)).toEqual(command(3, 'abc'))
})

function command(at: number, id = 'x'): Command {
  return { at, kind: 'token-revoke', id }
}

async function started(more: Partial<OneVoterOptions> = {}, wal = new FakeWal(), clock = new VirtualClock()) {
  const entries: Entry[] = []
  const fatal: Error[] = []
  const engine = new OneVoter({ ...options(wal, entries, fatal, clock), ...more })
  const start = engine.start()
  wal.finish()
  await start
  return { wal, engine, entries, fatal, clock }
}

function options(wal: Wal, entries: Entry[], fatal: Error[], clock: Clock): OneVoterOptions {
  const apply = (entry: Entry): Applied => {
    entries.push(entry)
    return { changes: [], events: [], value: { uid: entry.index } }
  }
  return { wal, node: 'n1', clock, apply, applied: wal.lastIndex, onFatal: (error) => fatal.push(error) }
}

/** Lets everything run that needs no more than microtasks. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

/** A log in memory whose appends end when the test says so. */
class FakeWal implements Wal {
  readonly firstIndex = 1
  readonly payloadBytesMax = 1024
  readonly appends: { records: WalRecord[]; hardState: HardState | undefined }[] = []
  hardState: HardState
  closed = false
  #records: WalRecord[] = []
  #pending: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(hardState: HardState = { term: 0, vote: '', commit: 0 }) {
    this.hardState = hardState
  }

  get lastIndex(): number {
    return this.#records.length
  }

  async append(records: readonly WalRecord[], hardState?: HardState): Promise<void> {
    expect(this.#pending).toBeUndefined()
    this.appends.push({ records: [...records], hardState })
    await new Promise<void>((resolve, reject) => {
      this.#pending = { resolve, reject }
    })
    for (const record of records) expect(record.index).toBe(this.#records.push(record))
    this.hardState = hardState ?? this.hardState
  }

  finish(): void {
    this.#pending?.resolve()
    this.#pending = undefined
  }

  fail(error: Error): void {
    this.#pending?.reject(error)
    this.#pending = undefined
  }

  async *read(from: number): AsyncGenerator<WalRecord> {
    yield* this.#records.slice(from - 1)
  }

  async compact(): Promise<void> {}

  async close(): Promise<void> {
    this.closed = true
  }
}

class VirtualClock implements Clock {
  #now = 0
  #timers: { at: number; task: () => void }[] = []

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  spend(ms: number): void {
    this.#now += ms
  }

  advance(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { task } of due) task()
  }
}
