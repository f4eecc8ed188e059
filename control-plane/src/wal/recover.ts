import { CorruptLog, type Place } from './errors.ts'
import type { FileHandle, FileSystem } from './file-system.ts'
import { decodeEntries, type RawRecord } from './record.ts'
import { RecordReader } from './record-reader.ts'
import { decodeHead, segmentName, sequenceOf, type Segment, type SegmentHead } from './segment.ts'
import type { HardState } from './wal.ts'

export interface Recovered {
  /** Oldest first; the last one is written on. */
  segments: Segment[]
  hardState: HardState
  /** CRC of the last record. */
  chain: number
}

/**
 * Reads the whole log and says what is in it, or undefined when the folder holds none. What no crash can explain
 * is a `CorruptLog`. A crash explains one thing only: in the last segment, a last write of which a part is missing.
 * So an invalid record ends the log when it lies in the last segment, nothing valid follows it there, and the log
 * before it reaches the commit of the last hard state.
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
  const recovered: Recovered = { segments: [], hardState: heads[0]!.hardState, chain: heads[0]!.previous }
  for (const [i, head] of heads.entries()) await readSegment(fileSystem, folder, recovered, head, heads[i + 1])
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
  const { sequence, firstIndex, mark, bytes } = head
  const where = { folder, file: segmentName(sequence), offset: 0 }
  const segment: Segment = { sequence, firstIndex, lastIndex: firstIndex - 1, mark, end: 0, bytes }
  const before = recovered.segments.at(-1)
  if (before !== undefined && firstIndex !== before.lastIndex + 1) {
    throw new CorruptLog(where, `it begins at index ${firstIndex} where ${before.lastIndex + 1} belongs`)
  }
  await withFile(fileSystem, where, 'read', async (handle) => {
    const reader = new RecordReader(handle, bytes)
    for (;;) {
      if (next !== undefined && isWhole(segment, recovered, next)) break
      const record = await reader.at(segment.end, mark)
      if (record === undefined) {
        await judgeEnd(reader, { ...where, offset: segment.end }, mark, next)
        break
      }
      take(recovered, segment, record, { ...where, offset: segment.end })
    }
  })
  recovered.segments.push(segment)
}

/** A segment ends where the head of the next one says; by the index too, since one CRC of a million may be the same. */
function isWhole(segment: Segment, { chain }: Recovered, next: SegmentHead): boolean {
  return segment.end > 0 && chain === next.previous && segment.lastIndex + 1 === next.firstIndex
}

/** Moves on by one record that is whole, if it stands where it was written. */
function take(recovered: Recovered, segment: Segment, record: RawRecord, where: Place): void {
  if (record.previous !== recovered.chain) throw new CorruptLog(where, 'a record does not follow the one before it')
  if (record.type === 'head' ? where.offset !== 0 : record.index !== segment.lastIndex + 1) {
    throw new CorruptLog(where, `a record of index ${record.index} stands where ${segment.lastIndex + 1} belongs`)
  }
  if (record.type === 'entries' && decodeEntries(record) === undefined) {
    throw new CorruptLog(where, 'the entries of a record do not fill it')
  }
  segment.lastIndex += record.count
  segment.end += record.bytes
  recovered.chain = record.crc
  recovered.hardState = record.hardState ?? recovered.hardState
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
async function settleLast(fileSystem: FileSystem, folder: string, recovered: Recovered): Promise<void> {
  const last = recovered.segments.at(-1)!
  const where = { folder, file: segmentName(last.sequence), offset: last.end }
  const { commit } = recovered.hardState
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
