import { decodeValue } from './codec.ts'
import { BrokenState, decodeState, type StateHeader, type StateTrailer } from './state-stream.ts'

/** What is in a saved state, by what people call it. */
export interface StateSummary {
  header: StateHeader
  trailer: StateTrailer
  jobs: number
  openRuns: number
  finishedRuns: number
  attempts: number
  services: number
  namespaces: number
  /** In the key-value store. */
  keys: number
}

type Counted = Exclude<keyof StateSummary, 'header' | 'trailer'>

const KINDS: Record<string, Counted> = {
  'j/': 'jobs',
  'r/': 'openRuns',
  'X/': 'finishedRuns',
  'A/': 'attempts',
  's/': 'services',
  'n/': 'namespaces',
  'k/': 'keys',
}

/** Reads a state to its end and checks every checksum in it, those of the values included. Throws `BrokenState`. */
export async function summarise(chunks: AsyncIterable<Uint8Array>): Promise<StateSummary> {
  const counts: Record<Counted, number> = {
    jobs: 0,
    openRuns: 0,
    finishedRuns: 0,
    attempts: 0,
    services: 0,
    namespaces: 0,
    keys: 0,
  }
  let header: StateHeader | undefined
  let trailer: StateTrailer | undefined
  for await (const frame of decodeState(chunks)) {
    if (frame.type === 'header') header = frame.header
    else if (frame.type === 'trailer') trailer = frame.trailer
    else {
      for (const [keyBytes, value] of frame.rows) {
        const key = Buffer.from(keyBytes).toString()
        if (!decodeValue(key, value)) throw new BrokenState(`the value of ${key} is damaged`)
        const kind = KINDS[key.slice(0, 2)]
        if (kind) counts[kind] += 1
      }
    }
  }
  if (!header || !trailer) throw new BrokenState('it is empty')
  return { header, trailer, ...counts }
}
