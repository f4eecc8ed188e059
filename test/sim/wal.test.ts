import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CorruptLog, StorageFailed } from '../../control-plane/src/wal/errors.ts'
import { openWal } from '../../control-plane/src/wal/open-wal.ts'
import { segmentName } from '../../control-plane/src/wal/segment.ts'
import type { Wal } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { append, closedLog, lastPath } from './wal-closed-log.ts'
import { work } from './wal-history.ts'
import { crashCases, crashOnce, damage, failOnce, FOLDER, open, SEGMENT_BYTES } from './wal-sweeps.ts'
import { Witness } from './wal-witness.ts'

const APPENDS = 24

test('a crash in any operation, torn anyhow, loses nothing acknowledged and invents nothing', async () => {
  const found: string[] = []
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    for (const crash of await crashCases(APPENDS, seed)) {
      for (const fault of await crashOnce(crash, APPENDS, seed))
        found.push(`seed ${seed} ${JSON.stringify(crash)}: ${fault}`)
    }
  }
  expect(found).toEqual([])
})

test('a write torn after any byte is dropped whole, or was written whole', async () => {
  const found: string[] = []
  const last = (await crashCases(6, 9)).at(-1)!.at
  for (let prefixBytes = 0; prefixBytes < 640; prefixBytes += 8) {
    for (let at = last - 4; at <= last; at++) {
      for (const kind of ['process', 'power'] as const) {
        found.push(...(await crashOnce({ at, kind, tear: { prefixBytes } }, 6, 9)))
      }
    }
  }
  expect(found).toEqual([])
})

test.each([
  'ENOSPC',
  'EIO',
])('%s in any operation: the log refuses everything from then on, and loses nothing', async (code) => {
  const found: string[] = []
  for (const seed of [1, 2, 3]) {
    const operations = (await crashCases(APPENDS, seed)).at(-1)!.at
    for (let at = 1; at <= operations; at++) {
      for (const fault of await failOnce(at, code, APPENDS, seed)) found.push(`seed ${seed}, operation ${at}: ${fault}`)
    }
  }
  expect(found).toEqual([])
})

test('a disk that fills up is a StorageFailed that names the folder, and clears with space', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  disk.faults = { spaceBytes: SEGMENT_BYTES * 3 }
  const witness = new Witness()
  const wal = await open(disk)
  const fault = await fill(wal, witness).catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(StorageFailed)
  expect(fault).toMatchObject({ code: 'ENOSPC', folder: FOLDER, message: expect.stringContaining('the disk is full') })
  disk.faults = {}
  disk.crash('process')
  const again = await open(disk)
  expect(await witness.judge(again)).toEqual([])
  await again.append([{ index: again.lastIndex + 1, term: 99, payload: new Uint8Array(500) }])
})

test('where there is no room for the next segment, the rest of the disk is not filled and freed with every append', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  disk.faults = { spaceBytes: SEGMENT_BYTES + 1000 }
  const wal = await open(disk)
  const append = () => wal.append([{ index: wal.lastIndex + 1, term: 1, payload: new Uint8Array(8) }])
  for (let i = 0; i < 24; i++) await append()
  const before = disk.operations
  for (let i = 0; i < 5; i++) await append()
  expect(disk.operations - before).toBe(5)
  expect(disk.paths()).toHaveLength(1)
  await wal.close()
})

test('a flipped bit is found at the start, unless it lies in the last write: then that write is missing, never changed', async () => {
  const { disk, witness, ends } = await closedLog({ recorded: false })
  const seen = new Map<string, number>()
  for (const path of disk.paths()) {
    const end = ends.get(path)
    for (let bit = 0; bit < (end ?? SEGMENT_BYTES) * 8; bit += bit % 24 === 0 ? 5 : 19) {
      const { verdict, faults } = await damage(disk, witness, (copy) => copy.flip(path, bit))
      const where =
        end === undefined
          ? 'spare'
          : bit >= (ends.get('last write') ?? 0) * 8 && path === lastPath(disk)
            ? 'last'
            : 'log'
      if (verdict === 'wrong') expect({ path, bit, faults }).toBeUndefined()
      seen.set(`${where} ${verdict}`, (seen.get(`${where} ${verdict}`) ?? 0) + 1)
    }
  }
  expect([...seen.keys()].sort()).toEqual(['last shorter', 'log refused', 'spare whole'])
})

test('every single bit of a head, a middle and the last record counts', async () => {
  const { disk, witness, ends } = await closedLog({ recorded: false })
  const path = lastPath(disk)
  for (let bit = 0; bit < ends.get(path)! * 8; bit++) {
    const { verdict } = await damage(disk, witness, (copy) => copy.flip(path, bit))
    expect({ bit, verdict }).toEqual({ bit, verdict: bit >= ends.get('last write')! * 8 ? 'shorter' : 'refused' })
  }
})

test('once the commit is recorded, no flipped bit costs an entry', async () => {
  const { disk, witness, ends } = await closedLog({ recorded: true })
  for (const path of disk.paths().filter((path) => ends.has(path))) {
    for (let bit = 0; bit < ends.get(path)! * 8; bit += 7) {
      const { verdict } = await damage(disk, witness, (copy) => copy.flip(path, bit))
      const last = path === lastPath(disk) && bit >= ends.get('last record')! * 8
      expect({ path, bit, verdict }).toEqual({ path, bit, verdict: last ? 'older' : 'refused' })
    }
  }
})

test('a segment cut at any length is found at the start', async () => {
  const { disk, witness, ends } = await closedLog({ recorded: false })
  for (const path of disk.paths()) {
    for (let length = 0; length < SEGMENT_BYTES; length++) {
      const { verdict } = await damage(disk, witness, (copy) => copy.cut(path, length))
      expect({ path, length, verdict }).toEqual({ path, length, verdict: ends.has(path) ? 'refused' : 'whole' })
    }
  }
})

test('a missing segment, or one of another log, is found at the start', async () => {
  const { disk, witness } = await closedLog({ recorded: true })
  const other = await closedLog({ recorded: true, seed: 8 })
  const segments = disk.paths().filter((path) => path.endsWith('.wal') && !path.includes('spare'))
  expect(segments.length).toBeGreaterThan(2)
  for (const path of segments) {
    if (path !== segments[0] && path !== segments.at(-1)) {
      expect((await damage(disk, witness, (copy) => copy.lose(path))).verdict).toBe('refused')
    }
    if (!other.disk.paths().includes(path)) continue
    const swapped = await damage(disk, witness, (copy) => copy.overwrite(path, 0, other.disk.content(path)))
    expect({ path, ...swapped }).toMatchObject({ verdict: 'refused' })
  }
})

test('a zeroed sector is found at the start, unless all that follows it is the last write', async () => {
  const { disk, witness, ends } = await closedLog({ recorded: false })
  for (const path of disk.paths().filter((path) => ends.has(path))) {
    for (let from = 0; from < ends.get(path)!; from += 8) {
      const { verdict } = await damage(disk, witness, (copy) => copy.overwrite(path, from, new Uint8Array(8)))
      const last = path === lastPath(disk) && from >= ends.get('last write')!
      // Eight bytes that were zero before change nothing.
      expect(['whole', last ? 'shorter' : 'refused']).toContain(verdict)
    }
  }
})

test('the store is a second witness: a log that ends before what it has applied, or begins after it, is refused', async () => {
  const { disk, witness } = await closedLog({ recorded: true })
  const options = { folder: FOLDER, segmentBytes: SEGMENT_BYTES, random: new SeededRandom(1) }
  const at = (appliedIndex: number) => openWal({ ...options, fileSystem: disk.copy(1).mount(), appliedIndex })
  await expect(at(witness.acknowledged)).resolves.toBeDefined()
  await expect(at(witness.acknowledged + 1)).rejects.toThrow(/the store has applied/)
  await expect(at(0)).rejects.toThrow(/begins at index/)
  const empty = new SimulatedDisk({ seed: 1 }).mount()
  await expect(openWal({ ...options, fileSystem: empty, appliedIndex: 3 })).rejects.toThrow(/there is no log/)
})

test('a CorruptLog names folder, file and place, and says what to do', async () => {
  const { disk } = await closedLog({ recorded: true })
  const path = lastPath(disk)
  disk.flip(path, 100 * 8)
  const error: unknown = await open(disk).catch((fault: unknown) => fault)
  expect(error).toBeInstanceOf(CorruptLog)
  expect(error).toMatchObject({ folder: FOLDER, file: path.split('/').at(-1), offset: expect.any(Number) })
  expect(error).toMatchObject({
    exitCode: 74,
    message: expect.stringMatching(/data\/wal.*byte \d+/),
    nextStep: expect.stringContaining('restore the data folder from a backup'),
  })
})

test('a recycled segment gives back nothing of its past', async () => {
  const disk = new SimulatedDisk({ seed: 3 })
  const wal = await open(disk)
  const witness = new Witness()
  for (let seed = 0; seed < 8; seed++) await work(wal, witness, 16, seed)
  expect(disk.paths().length).toBeLessThan(8)
  disk.crash('power')
  expect(await witness.judge(await open(disk))).toEqual([])
})

test('a reader keeps its segments: compaction waits for it', async () => {
  const disk = new SimulatedDisk({ seed: 3 })
  const wal = await open(disk)
  for (let i = 1; i <= 40; i++) await wal.append([{ index: i, term: 1, payload: new Uint8Array(200).fill(i) }])
  const seen: number[] = []
  for await (const { index, payload } of wal.read(1)) {
    if (index === 1) await wal.compact(40)
    expect(payload[0]).toBe(index)
    seen.push(index)
  }
  expect(seen).toHaveLength(40)
  await wal.compact(40)
  expect(wal.firstIndex).toBeGreaterThan(30)
  expect((await wal.read(38)[Symbol.asyncIterator]().next()).value).toMatchObject({ index: 38 })
})

test('any mixture of appends, commits, compactions, crashes and starts keeps what was acknowledged', async () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.array(fc.nat(900), { maxLength: 6 }).map((sizes) => ({ kind: 'append' as const, sizes })),
    },
    { weight: 1, arbitrary: fc.nat(30).map((back) => ({ kind: 'compact' as const, back })) },
    { weight: 1, arbitrary: fc.constantFrom('process', 'power').map((how) => ({ kind: 'crash' as const, how })) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), async (steps, seed) => {
      const disk = new SimulatedDisk({ seed })
      const witness = new Witness()
      let wal = await open(disk)
      for (const step of steps) {
        if (step.kind === 'append') await append(wal, witness, step.sizes, seed)
        if (step.kind === 'compact') {
          await witness.compact(wal, Math.max(witness.keptFrom, wal.lastIndex - step.back, 1))
        }
        if (step.kind !== 'crash') continue
        disk.crash(step.how === 'power' ? 'power' : 'process')
        wal = await open(disk)
        expect(await witness.judge(wal)).toEqual([])
      }
      expect(await witness.judge(wal)).toEqual([])
    }),
    { numRuns: 150, seed: 7 },
  )
})

test('an append that does not continue the log, or comes while another is in flight, is a bug and changes nothing', async () => {
  const disk = new SimulatedDisk({ seed: 1 })
  const wal = await open(disk)
  const payload = new Uint8Array(8)
  await expect(wal.append([{ index: 2, term: 1, payload }])).rejects.toThrow(/invariant broken: index 1 follows/)
  const first = wal.append([{ index: 1, term: 1, payload }])
  await expect(wal.append([{ index: 2, term: 1, payload }])).rejects.toThrow(/one append is in flight/)
  await first
  await expect(wal.append([], { term: 1, vote: '', commit: 2 })).rejects.toThrow(/what is committed is in the log/)
  const large = new Uint8Array(wal.payloadBytesMax + 1)
  await expect(wal.append([{ index: 2, term: 1, payload: large }])).rejects.toThrow(/at most/)
  await wal.append([{ index: 2, term: 1, payload: large.subarray(1) }])
  expect(wal.lastIndex).toBe(2)
})

async function fill(wal: Wal, witness: Witness): Promise<never> {
  for (;;) await append(wal, witness, [100, 200], 1)
}

test('two records of one CRC in a segment that is full do not make it end at the first', async () => {
  const term = 1
  const write = async (payload: Buffer): Promise<SimulatedDisk> => {
    const disk = new SimulatedDisk({ seed: 1 })
    const options = { folder: FOLDER, segmentBytes: SEGMENT_BYTES, random: new SeededRandom(1) }
    const wal = await openWal({ fileSystem: disk.mount(), ...options })
    await wal.append([{ index: 1, term, payload: Buffer.alloc(1000) }])
    await wal.append([{ index: 2, term, payload: Buffer.alloc(8, 1) }])
    await wal.append([{ index: 3, term, payload }])
    await wal.append([{ index: 4, term, payload: Buffer.alloc(1000) }])
    await wal.close()
    return disk
  }
  const file = `${FOLDER}/${segmentName(1)}`
  const bytes = (await write(Buffer.alloc(8))).content(file)
  const after = (at: number) => at + 32 + bytes.readUInt32LE(at)
  const second = after(after(0))
  const third = after(second)
  const wanted = bytes.readUInt32LE(second + 4)
  const disk = await write(forged(bytes.subarray(third + 8, after(third)), wanted))
  expect(disk.content(file).readUInt32LE(third + 4)).toBe(wanted)
  expect((await open(disk)).lastIndex).toBe(4)
})

/** The last eight bytes of a message, the last four of them chosen so that its CRC is the wanted one. */
function forged(message: Buffer, wanted: number): Buffer {
  const tail = (bits: number): Buffer => {
    const copy = Buffer.from(message)
    copy.writeUInt32LE(bits >>> 0, copy.length - 4)
    return copy
  }
  const plain = crc32(tail(0))
  // A CRC is linear: each bit of the message flips a fixed set of its bits. Gauss finds which bits to set.
  const rows = Array.from({ length: 32 }, (_, bit) => ({
    flips: (crc32(tail(1 << bit)) ^ plain) >>> 0,
    bits: 2 ** bit,
  }))
  let left = (wanted ^ plain) >>> 0
  let bits = 0
  for (let column = 31; column >= 0; column--) {
    const at = rows.findIndex(({ flips }) => Math.floor(flips / 2 ** column) === 1)
    if (at < 0) continue
    const [pivot] = rows.splice(at, 1) as [{ flips: number; bits: number }]
    for (const row of rows) {
      if (Math.floor(row.flips / 2 ** column) !== 1) continue
      row.flips = (row.flips ^ pivot.flips) >>> 0
      row.bits = (row.bits ^ pivot.bits) >>> 0
    }
    if (Math.floor(left / 2 ** column) !== 1) continue
    left = (left ^ pivot.flips) >>> 0
    bits = (bits ^ pivot.bits) >>> 0
  }
  return tail(bits).subarray(-8)
}
