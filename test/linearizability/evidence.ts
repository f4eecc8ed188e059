import { described, type Operation } from './history.ts'
import type { Indexes } from './register.ts'
import { valueOf } from './register.ts'

/** What the answers of one key prove before any search: the index of each value seen, who wrote it, or why it cannot be. */
export type Evidence =
  | { kind: 'evidence'; indexes: Indexes; writers: ReadonlyMap<string, Operation> }
  | { kind: 'contradiction'; why: string }

/**
 * Reads the answers of one key. A value has one index and an index one write; what was read was written.
 * Throws when the history is not one that clients could have recorded: two writes of one value, an index expected that
 * no answer showed.
 */
export function evidenceOf(operations: readonly Operation[]): Evidence {
  const writers = writersOf(operations)
  const indexes = new Map<string, number>()
  const owners = new Map<number, string>()
  const note = (value: string, index: number): boolean => {
    const owner = owners.get(index)
    if ((indexes.get(value) ?? index) !== index || (owner ?? value) !== value) return false
    indexes.set(value, index)
    owners.set(index, value)
    return true
  }
  for (const operation of operations) {
    const { output } = operation
    const contradiction = (what: string): Evidence => ({
      kind: 'contradiction',
      why: `${what}: ${described(operation)}`,
    })
    if (output?.kind === 'value') {
      if (!writers.has(output.value)) return contradiction('a value that nobody wrote')
      if (!note(output.value, output.index))
        return contradiction('a value with two indexes, or an index with two values')
    }
    if ((output?.kind === 'written' || output?.kind === 'deleted') && output.index !== undefined) {
      // A delete has an index of its own too; no value is called like this.
      if (!note(valueOf(operation) ?? `\u0000 delete ${operation.call}`, output.index)) {
        return contradiction('a write with two indexes, or an index with two writes')
      }
    }
  }
  for (const { input } of operations) {
    if (input.kind === 'cas' && input.expect !== 0 && !owners.has(input.expect)) {
      throw new Error(`a client expects index ${input.expect}, which no answer shows`)
    }
  }
  return { kind: 'evidence', indexes, writers }
}

function writersOf(operations: readonly Operation[]): Map<string, Operation> {
  const writers = new Map<string, Operation>()
  for (const operation of operations) {
    const { input } = operation
    if (input.kind !== 'put' && input.kind !== 'cas') continue
    if (writers.has(input.value)) throw new Error(`two writes of one value: ${input.value}`)
    writers.set(input.value, operation)
  }
  for (const [value, writer] of writers) if (valueOf(writer) === undefined) writers.delete(value)
  return writers
}
