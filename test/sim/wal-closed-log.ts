import { expect } from 'vitest'
import { segmentName } from '../../control-plane/src/wal/segment.ts'
import type { Wal, WalRecord } from '../../control-plane/src/wal/wal.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedDisk } from './simulated-file-system.ts'
import { work } from './wal-history.ts'
import { FOLDER, open } from './wal-sweeps.ts'
import { Witness } from './wal-witness.ts'

/**
 * A log of several segments, cleanly closed, with a snapshot at its beginning and entries that were overwritten in the
 * same segment and in an earlier one; where each segment ends, and where the last write of
 * entries begins and ends.
 */
export async function closedLog({ recorded, seed = 2 }: { recorded: boolean; seed?: number }) {
  const disk = new SimulatedDisk({ seed })
  const witness = new Witness()
  const wal = await open(disk)
  await work(wal, witness, 30, seed)
  await install(wal, witness, seed)
  for (let i = 0; i < 14; i++) await append(wal, witness, [150, 10], seed)
  const hardState = { ...wal.hardState }
  for (let i = 0; i < 30; i++) await appendTail(wal, witness, 1, seed)
  await overwrite(wal, witness, 24, seed)
  for (let i = 0; i < 6; i++) await appendTail(wal, witness, 2, seed)
  await overwrite(wal, witness, 2, seed)
  expect(wal.hardState.commit).toBe(hardState.commit)
  await append(wal, witness, [30, 50], seed)
  for (;;) {
    const path = lastPath(disk)
    const before = endOf(disk, path)
    await append(wal, witness, [30, 70], seed)
    if (lastPath(disk) !== path) continue
    const after = endOf(disk, path)
    if (recorded) await witness.append(wal, [], { ...wal.hardState, commit: wal.lastIndex })
    await witness.compact(wal, wal.lastIndex - 26)
    await wal.close()
    disk.crash('process')
    const segments = disk.paths().filter((each) => !each.includes('spare'))
    const ends = new Map(segments.map((each) => [each, endOf(disk, each)]))
    ends.set('last write', before)
    ends.set('last record', after)
    return { disk, witness, ends }
  }
}

/** An append by the leader of term 99 that records the commit of everything before it. */
export function append(wal: Wal, witness: Witness, sizes: readonly number[], seed: number): Promise<void> {
  const term = Math.max(wal.hardState.term, 99)
  const hardState = { term, vote: 'n', commit: wal.lastIndex }
  return witness.append(wal, recordsFrom(wal.lastIndex + 1, term, sizes, seed), hardState)
}

export function lastPath(disk: SimulatedDisk): string {
  const segments = disk.paths().filter((path) => path.startsWith(`${FOLDER}/0`))
  expect(segments.at(-1)).not.toBe(`${FOLDER}/${segmentName(1)}`)
  return segments.at(-1)!
}

function install(wal: Wal, witness: Witness, seed: number): Promise<void> {
  const membership = new SeededRandom(seed).bytes(40)
  const index = wal.lastIndex + 3
  const hardState = { term: 99, vote: 'n', commit: index }
  return witness.install(wal, { index, term: 98, membership, stateFolder: 'state-1', hardState })
}

function appendTail(wal: Wal, witness: Witness, count: number, seed: number): Promise<void> {
  const sizes = Array.from({ length: count }, () => 90)
  return witness.append(wal, recordsFrom(wal.lastIndex + 1, wal.hardState.term, sizes, seed))
}

/** The leader of the next term has others than the last `back` entries. */
function overwrite(wal: Wal, witness: Witness, back: number, seed: number): Promise<void> {
  const { term, commit } = wal.hardState
  const first = wal.lastIndex - back + 1
  if (back > 10) expect(first).toBeLessThan(wal.indexOfLast(1))
  const hardState = { term: term + 1, vote: 'n', commit }
  return witness.append(wal, recordsFrom(first, term + 1, [40, 80], seed), hardState)
}

function recordsFrom(first: number, term: number, sizes: readonly number[], seed: number): WalRecord[] {
  const random = new SeededRandom(seed * 31 + first + term)
  return sizes.map((size, at) => ({ index: first + at, term, payload: random.bytes(size) }))
}

/** Where the records of a segment end: they are followed by another use's records or zeroes, told apart by the mark. */
function endOf(disk: SimulatedDisk, path: string): number {
  const bytes = disk.content(path)
  const mark = bytes.readUInt32LE(12)
  let end = 0
  while (end + 32 <= bytes.length && bytes.readUInt32LE(end + 12) === mark) end += 32 + bytes.readUInt32LE(end)
  return end
}
