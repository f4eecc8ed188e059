import { expect, test } from 'vitest'
import { StorageError } from '../../control-plane/src/runtime/storage-error.ts'
import { openWal } from '../../control-plane/src/wal/open-wal.ts'
import type { Wal, WalIdentity, WalRecord } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import { type Operation, SimulatedDisk } from './simulated-file-system.ts'
import { emptyTally, work } from './wal-history.ts'
import { FOLDER, open, SEGMENT_BYTES } from './wal-sweeps.ts'
import { Witness } from './wal-witness.ts'

const MEMBERSHIP = Buffer.from('{"voters":[1,2,3]}')

test('the histories that are swept overwrite within a segment and behind it, install snapshots, vote, and recycle', async () => {
  const tally = emptyTally()
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const disk = new SimulatedDisk({ seed })
    await work(await open(disk), new Witness(), 24, seed, tally)
  }
  expect(tally.overwrites - tally.farOverwrites).toBeGreaterThan(5)
  expect(tally.farOverwrites).toBeGreaterThan(3)
  expect(tally.installs).toBeGreaterThan(4)
  expect(tally.votes).toBeGreaterThan(20)
})

test('what is overwritten never comes back: not by reading on, not by range, not after a crash', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  let wal = await open(disk)
  await append(wal, 1, 40, 1)
  await append(wal, 12, 1, 2)
  await append(wal, 13, 3, 2)
  await append(wal, 14, 1, 3)
  for (const round of [0, 1, 2]) {
    expect(wal).toMatchObject({ firstIndex: 1, lastIndex: 14 })
    const terms = [...Array<number>(11).fill(1), 2, 2, 3]
    expect((await all(wal)).map(({ term }) => term)).toEqual(terms)
    expect((await wal.readRange(10, 15, 1e6)).map(said)).toEqual(['10:1', '11:1', '12:2', '13:2', '14:3'])
    expect(terms.map((_, at) => wal.termAt(at + 1))).toEqual(terms)
    expect(wal.termAt(15)).toBeUndefined()
    disk.crash(round === 0 ? 'process' : 'power')
    wal = await open(disk)
  }
})

test('an overwrite that reaches into earlier segments holds when those are dropped', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  let wal = await open(disk)
  await append(wal, 1, 60, 1, { commit: 20 })
  expect(wal.indexOfLast(1)).toBeGreaterThan(30)
  await append(wal, 22, 4, 2)
  await wal.append([], { term: 2, vote: '', commit: 25 })
  await wal.compact(24)
  disk.crash('power')
  wal = await open(disk)
  expect(wal).toMatchObject({ firstIndex: 22, lastIndex: 25 })
  expect((await all(wal)).map(said)).toEqual(['22:2', '23:2', '24:2', '25:2'])
  expect([20, 21, 22].map((index) => wal.termAt(index))).toEqual([undefined, 1, 2])
})

test('what is committed is never overwritten, terms never fall, a vote is given once: broken invariants', async () => {
  const wal = await open(new SimulatedDisk({ seed: 1 }))
  await append(wal, 1, 9, 3, { commit: 5 })
  await expect(append(wal, 5, 1, 4)).rejects.toThrow(/what is committed is never overwritten: index 5 of 5/)
  await expect(append(wal, 10, 1, 2)).rejects.toThrow(/is not of term 2, after one of term 3/)
  await wal.append([], { term: 4, vote: 'a', commit: 5 })
  await expect(wal.append([], { term: 4, vote: 'b', commit: 5 })).rejects.toThrow(/the vote of term 4 is for a/)
  await expect(wal.append([], { term: 4, vote: '', commit: 5 })).rejects.toThrow(/the vote of term 4 is for a/)
  await expect(wal.append([], { term: 3, vote: 'a', commit: 5 })).rejects.toThrow(/a log never goes back/)
  await expect(wal.append([], { term: 4, vote: 'a', commit: 4 })).rejects.toThrow(/a log never goes back/)
  await expect(install(wal, 4, 3)).rejects.toThrow(/a log never goes back/)
  await wal.append([], { term: 5, vote: '', commit: 5 })
  await append(wal, 6, 1, 5)
  expect(wal).toMatchObject({ lastIndex: 6, hardState: { term: 5, vote: '', commit: 5 } })
})

test('a snapshot voids the whole log, whatever it held, and the log goes on after it', async () => {
  for (const index of [5, 30, 70]) {
    const disk = new SimulatedDisk({ seed: index })
    let wal = await open(disk)
    await append(wal, 1, 40, 1, { commit: 5 })
    await install(wal, index, 1, 'state-b')
    for (const round of [0, 1]) {
      expect(wal).toMatchObject({ firstIndex: index + 1, lastIndex: index, hardState: { commit: index } })
      expect(wal.snapshot).toMatchObject({ index, term: 1, stateFolder: 'state-b' })
      expect(Buffer.from(wal.snapshot!.membership)).toEqual(MEMBERSHIP)
      expect([index - 1, index, index + 1].map((at) => wal.termAt(at))).toEqual([undefined, 1, undefined])
      expect(await wal.readRange(index, index + 1, 1e6)).toEqual([])
      disk.crash(round === 0 ? 'power' : 'process')
      wal = await open(disk)
    }
    await append(wal, index + 1, 3, 2)
    expect((await all(wal)).map(({ index: at }) => at - index)).toEqual([1, 2, 3])
  }
})

test('a cluster begins with a snapshot of nothing, which names its first members', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  await install(await open(disk), 0, 0, 'state')
  disk.crash('power')
  const wal = await open(disk)
  expect(wal).toMatchObject({ firstIndex: 1, lastIndex: 0, snapshot: { index: 0, term: 0, stateFolder: 'state' } })
  expect(Buffer.from(wal.snapshot!.membership)).toEqual(MEMBERSHIP)
  await append(wal, 1, 1, 1)
  expect(wal.termAt(0)).toBe(0)
})

test('the newest snapshot survives compaction and any number of segments after it', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  let wal = await open(disk)
  await install(wal, 1, 1, 'state-a')
  for (let i = 0; i < 8; i++) {
    await append(wal, wal.lastIndex + 1, 30, 1)
    await wal.append([], { ...wal.hardState, commit: wal.lastIndex })
    await wal.compact(wal.lastIndex)
  }
  disk.crash('power')
  wal = await open(disk)
  expect(wal.snapshot).toMatchObject({ index: 1, stateFolder: 'state-a' })
  expect(wal.firstIndex).toBeGreaterThan(200)
  expect(wal.termAt(wal.firstIndex - 1)).toBe(1)
  expect(disk.paths().length).toBeLessThan(6)
})

test('a crash in any operation of an install leaves the old log or the new one', async () => {
  const write = async (disk: SimulatedDisk): Promise<void> => {
    const wal = await open(disk)
    await append(wal, 1, 40, 1, { commit: 5 })
    await install(wal, 33, 1)
    await append(wal, 34, 30, 1)
    await wal.close()
  }
  const calm = new SimulatedDisk({ seed: 1 })
  await write(calm)
  const seen = new Set<string>()
  for (let at = 1; at <= calm.operations; at++) {
    const disk = new SimulatedDisk({ seed: at })
    disk.faults = { crash: { at, kind: 'power', tear: 'random' } }
    await write(disk).catch(() => undefined)
    disk.faults = {}
    const wal = await open(disk)
    const records = await all(wal)
    if (wal.snapshot === undefined) expect(wal).toMatchObject({ firstIndex: 1 })
    else expect(wal).toMatchObject({ firstIndex: 34, snapshot: { index: 33 } })
    expect(records.map(({ index }) => index)).toEqual(records.map((_, i) => wal.firstIndex + i))
    seen.add(`${wal.snapshot === undefined ? 'old' : 'new'} ${records.length > 0 ? 'with' : 'without'} entries`)
  }
  expect([...seen].sort()).toEqual([
    'new with entries',
    'new without entries',
    'old with entries',
    'old without entries',
  ])
})

test('a log is one member’s, in one cluster; it takes the cluster on once that is known', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const as = (identity: WalIdentity): Promise<Wal> => {
    const options = { folder: FOLDER, segmentBytes: SEGMENT_BYTES, random: new SeededRandom(1) }
    return openWal({ fileSystem: disk.mount(), ...options, identity })
  }
  await append(await as({ cluster: '', member: 'm1' }), 1, 3, 1)
  const refused = await as({ cluster: '', member: 'm2' }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(StorageError)
  expect(refused).toMatchObject({ message: expect.stringContaining('that of member m1, not of m2'), folder: FOLDER })
  expect((await as({ cluster: 'c1', member: 'm1' })).identity).toEqual({ cluster: 'c1', member: 'm1' })
  disk.crash('power')
  expect((await as({ cluster: '', member: 'm1' })).identity.cluster).toBe('c1')
  await expect(as({ cluster: 'c2', member: 'm1' })).rejects.toThrow(/that of cluster c1, not of c2/)
  const wal = await as({ cluster: 'c1', member: 'm1' })
  expect(wal.lastIndex).toBe(3)
  await wal.installSnapshot({ ...snapshot(3, 1), hardState: { term: 1, vote: '', commit: 3 }, cluster: 'c2' })
  disk.crash('power')
  expect((await as({ cluster: 'c2', member: 'm1' })).identity.cluster).toBe('c2')
})

test('a range holds what fits, at least one, and does not read a segment from its start', async () => {
  const read: Operation[] = []
  const disk = new SimulatedDisk({ seed: 1, latency: async (operation) => void read.push(operation) })
  const options = { fileSystem: disk.mount(), folder: FOLDER, random: new SeededRandom(1) }
  const wal = await openWal({ ...options, segmentBytes: 8 * 1024 * 1024 })
  for (let i = 0; i < 2000; i++) {
    await wal.append([{ index: i + 1, term: 1, payload: Buffer.alloc(3000, `${i + 1} `) }])
  }
  for (const from of [1, 2, 777, 1999, 2000]) {
    read.length = 0
    const one = await wal.readRange(from, from + 5, 1)
    expect(one.map(({ index }) => index)).toEqual([from])
    expect(Buffer.from(one[0]!.payload)).toEqual(Buffer.alloc(3000, `${from} `))
    const bytes = read.reduce((sum, { kind, bytes }) => sum + (kind === 'look' ? bytes : 0), 0)
    expect(bytes).toBeLessThan(600 * 1024)
    expect(await wal.readRange(from, from + 3, 1e6)).toHaveLength(Math.min(3, 2001 - from))
  }
  expect(await wal.readRange(10, 900, 30_500)).toHaveLength(10)
  expect(await wal.readRange(2001, 2002, 1e6)).toEqual([])
})

test.each([
  ['an overwrite', (wal: Wal) => append(wal, 30, 2, 2), 29],
  ['an installed snapshot', (wal: Wal) => install(wal, 80, 1), 0],
])('%s while a range is read: nothing void is handed out', async (_what, change, until) => {
  for (let at = 1; at <= 12; at++) {
    let looks = Number.NEGATIVE_INFINITY
    let changed = false
    let log: Wal | undefined
    const latency = async ({ kind }: Operation): Promise<void> => {
      if (kind !== 'look' || ++looks !== 0) return
      changed = true
      await change(log!)
    }
    const wal = await open(new SimulatedDisk({ seed: 1, latency }))
    log = wal
    await append(wal, 1, 60, 1)
    looks = -at
    const records = await wal.readRange(1, 61, 1e6)
    expect(records.map(({ index }) => index)).toEqual(records.map((_, i) => i + 1))
    if (changed) expect(records.length).toBeLessThanOrEqual(until)
    else expect(records).toHaveLength(60)
    expect(records.every(({ term }) => term === 1)).toBe(true)
  }
})

function append(wal: Wal, from: number, count: number, term: number, state: { commit?: number } = {}): Promise<void> {
  const payload = (index: number) => Buffer.alloc(90, `${index} of ${term} `)
  const records = Array.from({ length: count }, (_, i) => ({ index: from + i, term, payload: payload(from + i) }))
  const { hardState } = wal
  const vote = term > hardState.term ? '' : hardState.vote
  return wal.append(records, { term: Math.max(term, hardState.term), vote, commit: state.commit ?? hardState.commit })
}

function snapshot(index: number, term: number, stateFolder = 'state-1') {
  return { index, term, membership: MEMBERSHIP, stateFolder }
}

function install(wal: Wal, index: number, term: number, stateFolder?: string): Promise<void> {
  const { term: current, vote } = wal.hardState
  const hardState = { term: Math.max(current, term), vote, commit: index }
  return wal.installSnapshot({ ...snapshot(index, term, stateFolder), hardState })
}

async function all(wal: Wal): Promise<WalRecord[]> {
  const records: WalRecord[] = []
  for await (const record of wal.read(wal.firstIndex)) records.push(record)
  return records
}

function said({ index, term }: WalRecord): string {
  return `${index}:${term}`
}
