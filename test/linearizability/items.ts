import type { Operation } from './history.ts'
import { type Indexes, isReadOnly, valueOf } from './register.ts'

/** An operation as the search sees it. */
export interface Item {
  operation: Operation
  call: number
  /** Infinity when it may take effect at any later time. */
  end: number
  /** Of a write whose index the history shows. */
  index: number | undefined
}

/** Those that must have taken effect, by the time they were called, and those that may have. */
export interface Items {
  must: Item[]
  may: Item[]
  /** Places in `must` of the writes with a known index, in the order of the log. */
  order: number[]
}

/**
 * Sorts the operations of a key for the search. A read without an answer says nothing and is left out. A write without
 * an answer whose value was seen did happen, and before whoever saw it was answered.
 */
export function itemsOf(operations: readonly Operation[], indexes: Indexes): Items {
  const seenBy = firstSeen(operations)
  const must: Item[] = []
  const may: Item[] = []
  for (const operation of operations) {
    const { input, output, call } = operation
    const value = valueOf(operation)
    if (output) must.push({ operation, call, end: operation.return ?? Infinity, index: indexIn(operation, indexes) })
    else if (value !== undefined && seenBy.has(value)) {
      must.push({ operation, call, end: seenBy.get(value) ?? Infinity, index: indexes.get(value) })
    } else if (input.kind !== 'get') may.push({ operation, call, end: Infinity, index: undefined })
  }
  must.sort((a, b) => a.call - b.call)
  may.sort((a, b) => a.call - b.call)
  const order = must.flatMap(({ index }, i) => (index === undefined ? [] : [i]))
  order.sort((a, b) => (must[a]?.index ?? 0) - (must[b]?.index ?? 0))
  return { must, may, order }
}

function indexIn(operation: Operation, indexes: Indexes): number | undefined {
  if (isReadOnly(operation)) return undefined
  const { output } = operation
  if (output?.kind === 'deleted') return output.index
  return indexes.get(valueOf(operation) ?? '')
}

/** By when each value had been seen in an answer. */
function firstSeen(operations: readonly Operation[]): Map<string, number> {
  const seen = new Map<string, number>()
  for (const { output, return: end = Infinity } of operations) {
    if (output?.kind === 'value') seen.set(output.value, Math.min(end, seen.get(output.value) ?? Infinity))
  }
  return seen
}
