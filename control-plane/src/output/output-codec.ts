import { Packr } from 'msgpackr'
import type { LogLine } from '../runs/run.ts'
import type { OutputLines, OutputPart } from './output-store.ts'

type Put = [kind: string, namespace: number, run: string, shard: number, ordinal: number, LogLine[], from: unknown]

const packr = new Packr({ useRecords: false })

/** Lines that another member is to keep. */
export function encodePart({ namespace, run, shard, ordinal, lines, from }: OutputPart): Uint8Array {
  return packr.pack(['put', namespace, run, shard, ordinal, lines, from])
}

export function decodePart(body: Uint8Array): OutputPart {
  const value: unknown = packr.unpack(body)
  if (!Array.isArray(value) || value[0] !== 'put') throw new Error('this is neither lines nor a question for some')
  const [, namespace, run, shard, ordinal, lines, from] = value as Put
  return { namespace, run, shard, ordinal, lines, ...(typeof from === 'number' && { from }) }
}

/** Asks another member for the lines of an attempt. */
export function encodeAsk(attempt: string): Uint8Array {
  return packr.pack(['get', attempt])
}

/** The attempt whose lines are asked for; undefined when the body is about something else. */
export function asksForLines(body: Uint8Array): string | undefined {
  const value: unknown = packr.unpack(body)
  return Array.isArray(value) && value[0] === 'get' ? String(value[1]) : undefined
}

export function encodeLines(parts: readonly OutputLines[]): Uint8Array {
  return packr.pack(parts)
}

export function decodeLines(body: Uint8Array): OutputLines[] {
  return packr.unpack(body) as OutputLines[]
}
