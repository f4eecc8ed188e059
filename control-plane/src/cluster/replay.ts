import type { Wal } from '../wal/wal.ts'
import type { Entry } from './consensus.ts'
import { decodeCommand } from './entry-codec.ts'

/** Entries between two looks at whether there is room. */
const ROOM_ENTRIES = 64

/**
 * Hands over the entries of the log from index `from` on, in order, and returns the last index it handed over. `room` is
 * awaited now and then: back-pressure of a store that lags behind.
 */
export async function replay(
  wal: Wal,
  from: number,
  onEntry: (entry: Entry) => void,
  room: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  let last = from - 1
  for await (const record of wal.read(from)) {
    onEntry({ index: record.index, term: record.term, command: decodeCommand(record.payload) })
    last = record.index
    if (last % ROOM_ENTRIES === 0) await room()
  }
  return last
}
