import { CorruptLog, type Place } from './errors.ts'
import type { FileHandle, FileSystem } from './file-system.ts'
import { LogMap } from './log-map.ts'
import { decodeEntries, type RawRecord } from './record.ts'
import { RecordReader } from './record-reader.ts'
import { decodeHead, segmentName, sequenceOf, type Segment, type SegmentHead } from './segment.ts'
import type { HardState, WalIdentity, WalSnapshot } from './wal.ts'

export interface Recovered {
  map: LogMap
  hardState: HardState
  snapshot: WalSnapshot | undefined
  identity: WalIdentity
  /** CRC of the last record. */
  chain: number
}

/**
 * Reads the whole log and says what is in it, or undefined when the folder holds none. The log begins at the newest
 * segment that voids what was before. What no crash can explain is a `CorruptLog`. A crash explains one thing only: in
 * the last segment, a last write of which a part is missing. So an invalid record ends the log when it lies in the last
 * segment, nothing valid follows it there, and the log before it reaches the commit of the last hard state.
 */
export async function recover(fileSystem: FileSystem, folder: string): Promise<Recovered | undefined> {
  const sequences = (await fileSystem.list(folder)).map(sequenceOf).filter((sequence) => sequence !== undefined)
  if (sequences.length === 0) return undefined
  const heads: SegmentHead[] = []
  for (const [i, sequence] of sequences.entries()) {
    if (sequence !== sequences[0]! + i) {
      const missing = { folder, file: segmentName(sequences[0]! + i), offset: 0 }
      throw new CorruptLog(missing, 'a segment in the middle is missing')
    }
    heads.push(await readHead(fileSystem, folder, sequence))
  }
  const start = Math.max(
    heads.findLastIndex(({ voids }) => voids),
    0,
  )
  const map = new LogMap()
  for (const head of heads.slice(0, start)) map.skip(head)
  const { hardState, previous: chain } = heads[start]!
  const { snapshot, identity } = heads.at(-1)!
  const recovered: Recovered = { map, hardState, snapshot, identity, chain }
  for (const [i, head] of heads.entries()) {
    if (i >= start) await readSegment(fileSystem, folder, recovered, head, heads[i + 1])
  }
  await settleLast(fileSystem, folder, recovered)
  return recovered
}

async function readHead(fileSystem: FileSystem, folder: string, sequence: number): Promise<SegmentHead> {
  const where = { folder, file: segmentName(sequence), offset: 0 }
  return withFile(fileSystem, where, 'read', async (handle, size) => {
    const record = await new RecordReader(handle, size).at(0)
    const head = record === undefined ? undefined : decodeHead(record)
    if (head === undefined || head.sequence !== sequence) throw new CorruptLog(where, 'its head cannot be read')
    if (size !== head.bytes) {
      throw new CorruptLog({ ...where, offset: size }, `it has ${size} bytes where ${head.bytes} were allocated`)
    }
    return head
  })
}

/** Adds one segment to what is recovered. `next` is the head that follows, undefined for the last segment. */
async function readSegment(
  fileSystem: FileSystem,
  folder: string,
  recovered: Recovered,
  head: SegmentHead,
  next: SegmentHead | undefined,
): Promise<void> {
  const { mark, bytes, sequence } = head
  const where = { folder, file: segmentName(sequence), offset: 0 }
  const { map } = recovered
  if (map.segments.length > 0 && !head.voids) checkIndex(recovered, head.firstIndex, where)
  const segment = map.begin(head, 0)
  await withFile(fileSystem, where, 'read', async (handle) => {
    const reader = new RecordReader(handle, bytes)
    while (next === undefined || segment.end < next.previousEnd) {
      const record = await reader.at(segment.end, mark)
      if (record === undefined) {
        await judgeEnd(reader, { ...where, offset: segment.end }, mark, next)
        return
      }
      take(recovered, segment, record, { ...where, offset: segment.end })
    }
    if (segment.end !== next.previousEnd || recovered.chain !== next.previous) {
      throw new CorruptLog({ ...where, offset: segment.end }, 'the next segment does not follow it')
    }
  })
}

/** Moves on by one record that is whole, if it stands where it was written. */
function take(recovered: Recovered, segment: Segment, record: RawRecord, where: Place): void {
  const { map } = recovered
  const { type, index, count, hardState } = record
  if (record.previous !== recovered.chain) throw new CorruptLog(where, 'a record does not follow the one before it')
  if ((type === 'head') !== (where.offset === 0) || index < segment.firstIndex) {
    throw new CorruptLog(where, `a record of index ${index} stands where ${map.lastIndex + 1} belongs`)
  }
  checkIndex(recovered, index, where)
  const entries = type === 'head' ? [] : decodeEntries(record)
  if (entries === undefined) throw new CorruptLog(where, 'the entries of a record do not fill it')
  let term = map.terms.at(index - 1) ?? 0
  for (const entry of entries) {
    if (entry.term < term) throw new CorruptLog(where, `entry ${entry.index} is of term ${entry.term}, after ${term}`)
    term = entry.term
  }
  map.add(index, entries, 0, count, record.bytes)
  recovered.chain = record.crc
  if (hardState === undefined) return
  if (hardState.term < recovered.hardState.term || hardState.commit < recovered.hardState.commit) {
    throw new CorruptLog(where, 'the term or the commit goes back')
  }
  recovered.hardState = hardState
}

/** What comes next continues the log, or overwrites entries that were not committed. */
function checkIndex({ map, hardState }: Recovered, index: number, where: Place): void {
  if (index > map.lastIndex + 1) {
    throw new CorruptLog(where, `it goes on at index ${index} where ${map.lastIndex + 1} belongs`)
  }
  if (index <= hardState.commit && index <= map.lastIndex) {
    throw new CorruptLog(where, `it goes back to index ${index}, although index ${hardState.commit} was committed`)
  }
}

/** Decides whether the log may end at an invalid record. */
async function judgeEnd(
  reader: RecordReader,
  where: Place,
  mark: number,
  next: SegmentHead | undefined,
): Promise<void> {
  if (next !== undefined) throw new CorruptLog(where, 'a record is damaged, and another segment follows')
  const valid = await reader.find(where.offset + 8, mark)
  if (valid !== undefined) throw new CorruptLog(where, `a record is damaged, and a whole one follows at byte ${valid}`)
}

/** Checks the end of the log against its commit, and makes durable what a killed process may have left in the cache. */
async function settleLast(fileSystem: FileSystem, folder: string, { map, hardState }: Recovered): Promise<void> {
  const last = map.segments.at(-1)!
  const where = { folder, file: segmentName(last.sequence), offset: last.end }
  const { commit } = hardState
  if (last.lastIndex < commit) {
    throw new CorruptLog(where, `it ends at index ${last.lastIndex} although index ${commit} was committed`)
  }
  await withFile(fileSystem, where, 'write', (handle) => handle.sync())
  await fileSystem.syncFolder(folder)
}

async function withFile<T>(
  fileSystem: FileSystem,
  { folder, file }: { folder: string; file: string },
  mode: 'read' | 'write',
  use: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const handle = await fileSystem.open(`${folder}/${file}`, mode)
  try {
    return await use(handle, await handle.size())
  } finally {
    await handle.close()
  }
}
