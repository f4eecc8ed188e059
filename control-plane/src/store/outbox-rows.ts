import type { LogRowKind } from '../logs/row.ts'
import { NARROW_DIGITS, narrow, WIDE_DIGITS, wide } from './key-number.ts'
import { under } from './keys.ts'

/** The rows of the ledger that one entry wrote, in the order of their sequence: `O/<index>`. */
export type OutboxEntry = [
  /** Rows that the ledger had been given before. */
  before: number,
  /** A reference for each, with commas between. */
  rows: string,
]

/** A row as the outbox names it. */
export interface OutboxRow {
  kind: LogRowKind
  /** Where the ledger has it. */
  key: string
  /** Of an attempt, whose row does not say it: uids. */
  job?: number
  namespace?: number
}

const BETWEEN = ','
/** `/<index>/<ordinal>`, which the place in the outbox says. */
const SEQUENCE_LENGTH = 1 + WIDE_DIGITS + 1 + NARROW_DIGITS
const KINDS: Record<string, LogRowKind> = { R: 'run', A: 'attempt', S: 'stretch', L: 'late-result' }

export const OUTBOX = under('O/')

export const outboxKey = (index: number): string => `O/${wide(index)}`

/** Gathers what one entry writes, in order. */
export class OutboxWriter {
  #rows = ''
  #count = 0

  /** A row whose key ends with its sequence. */
  add(key: string): void {
    this.#append(key.slice(0, -SEQUENCE_LENGTH))
  }

  addAttempt(key: string, job: number, namespace: number): void {
    this.#append(`${key}/${job.toString(36)}/${namespace.toString(36)}`)
  }

  /** What has been gathered, after which nothing is; `rows`: that the ledger has been given, these included. */
  take(rows: number): OutboxEntry | undefined {
    if (this.#count === 0) return undefined
    const entry: OutboxEntry = [rows - this.#count, this.#rows]
    this.#rows = ''
    this.#count = 0
    return entry
  }

  #append(reference: string): void {
    this.#rows = this.#count === 0 ? reference : this.#rows + BETWEEN + reference
    this.#count += 1
  }
}

/** The rows of an entry, in the order of their ordinals, which begin with 0. */
export function outboxRows(index: number, [, rows]: OutboxEntry): OutboxRow[] {
  return rows.split(BETWEEN).map((reference, ordinal) => rowOf(reference, index, ordinal))
}

export function indexOfOutboxKey(key: string): number {
  return Number.parseInt(key.slice(OUTBOX.gte.length), 36)
}

function rowOf(reference: string, index: number, ordinal: number): OutboxRow {
  const kind = KINDS[reference.charAt(0)] ?? 'run'
  if (kind !== 'attempt') return { kind, key: `${reference}/${wide(index)}/${narrow(ordinal)}` }
  const parts = reference.split('/')
  const [job = '', namespace = ''] = parts.slice(-2)
  const key = parts.slice(0, -2).join('/')
  return { kind, key, job: Number.parseInt(job, 36), namespace: Number.parseInt(namespace, 36) }
}
