import type { Wal } from '../wal/wal.ts'
import type { Entry } from './consensus.ts'
import { decodeCommand } from './entry-codec.ts'

/** Hands over the entries of the log from index `from` on, in order, and returns the last index it handed over. */
export async function replay(wal: Wal, from: number, onEntry: (entry: Entry) => void): Promise<number> {
  let last = from - 1
  for await (const record of wal.read(from)) {
    onEntry({ index: record.index, term: record.term, command: decodeCommand(record.payload) })
    last = record.index
  }
  return last
}
