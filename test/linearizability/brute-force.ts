import type { Operation } from './history.ts'

interface Key {
  value: string | undefined
  /** Undefined: of a write whose index is not known yet. */
  write: number | undefined
}

/**
 * The same question answered in the plainest way: every subset of what may have happened, in every order that keeps to
 * the clock, played on a register. For histories of a few operations; the twin that the checker is held against.
 */
export function isLinearizable(operations: readonly Operation[]): boolean {
  const certain = operations.filter(({ output }) => output !== undefined)
  const open = operations.filter(({ output }) => output === undefined)
  for (let subset = 0; subset < 1 << open.length; subset++) {
    if (someOrder([...certain, ...open.filter((_, i) => (subset >> i) & 1)], [])) return true
  }
  return false
}

function someOrder(left: readonly Operation[], order: readonly Operation[]): boolean {
  if (left.length === 0) return explains(order)
  return left.some((next) => {
    const rest = left.filter((other) => other !== next)
    return rest.every((other) => endOf(other) > next.call) && someOrder(rest, [...order, next])
  })
}

function endOf({ output, return: end = Infinity }: Operation): number {
  return output === undefined ? Infinity : end
}

/** Plays an order. Indexes that no answer to the writer gave are bound by whoever sees them, and must grow along the order. */
function explains(order: readonly Operation[]): boolean {
  const indexes: (number | undefined)[] = []
  const notEqual: { write: number; index: number }[] = []
  let key: Key = { value: undefined, write: undefined }
  const bind = (write: number | undefined, index: number): boolean => {
    if (write === undefined) return false
    indexes[write] ??= index
    return indexes[write] === index
  }
  const write = (value: string | undefined, index: number | undefined): true => {
    indexes.push(index)
    key = { value, write: indexes.length - 1 }
    return true
  }
  const holds = (expect: number) =>
    expect === 0 ? key.value === undefined : key.value !== undefined && bind(key.write, expect)
  const play = ({ input, output }: Operation): boolean => {
    const index = output && 'index' in output ? output.index : undefined
    if (input.kind === 'put') return write(input.value, index)
    if (input.kind === 'delete') {
      const existed = output?.kind === 'deleted' ? output.existed : undefined
      return (existed === undefined || existed === (key.value !== undefined)) && write(undefined, index)
    }
    if (input.kind === 'cas') {
      if (output?.kind !== 'mismatch') return holds(input.expect) && write(input.value, index)
      if (input.expect === 0) return key.value !== undefined
      if (key.value !== undefined && key.write !== undefined) notEqual.push({ write: key.write, index: input.expect })
      return true
    }
    if (output?.kind === 'value') return key.value === output.value && bind(key.write, output.index)
    return output === undefined || key.value === undefined
  }
  if (!order.every(play)) return false
  if (notEqual.some(({ write, index }) => indexes[write] === index)) return false
  const known = indexes.filter((index) => index !== undefined)
  return known.every((index, i) => i === 0 || index > (known[i - 1] ?? 0))
}
