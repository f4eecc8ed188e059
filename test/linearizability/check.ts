import { evidenceOf } from './evidence.ts'
import type { Operation, Verdict } from './history.ts'
import { itemsOf } from './items.ts'
import { Search } from './search.ts'

export interface CheckOptions {
  /** Moves tried per key before the answer is `unknown`. @default 5_000_000 */
  stepsMax?: number
  /** Milliseconds per key before the answer is `unknown`. @default 60_000 */
  timeMsMax?: number
  /** Milliseconds of a clock that only goes forward. @default performance.now */
  now?: () => number
}

/** Whether one order of all operations on each key explains every answer, key by key: a register is linearizable when each of its keys is (Herlihy and Wing 1990, §3.2). */
export function checkHistory(history: readonly Operation[], options: CheckOptions = {}): Map<string, Verdict> {
  const keys = new Map<string, Operation[]>()
  for (const operation of history) {
    const key = keys.get(operation.key)
    if (key) key.push(operation)
    else keys.set(operation.key, [operation])
  }
  return new Map([...keys].map(([key, operations]) => [key, checkKey(operations, options)]))
}

/** The same for one key, which holds nothing in the beginning. */
export function checkKey(operations: readonly Operation[], options: CheckOptions = {}): Verdict {
  const { stepsMax = 5_000_000, timeMsMax = 60_000, now = () => performance.now() } = options
  const evidence = evidenceOf(operations)
  if (evidence.kind === 'contradiction') return { kind: 'not-linearizable', steps: 0, why: evidence.why }
  const search = new Search(itemsOf(operations, evidence.indexes), evidence.indexes)
  const end = now() + timeMsMax
  const found = search.run({ stepsMax, isOver: () => now() > end })
  if (found.kind === 'order') return { kind: 'linearizable', steps: search.steps }
  if (found.kind === 'none') return { kind: 'not-linearizable', steps: search.steps, why: found.why }
  return { kind: 'unknown', steps: search.steps }
}
