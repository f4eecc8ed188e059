import type { Write } from '../../control-plane/src/store/store.ts'

/** What entry `index` writes: a row of its own, a key that many entries rewrite, and now and then a removal. */
export function writesOf(index: number, mode: string): Write[] {
  const text = mode === 'large' ? `${index} `.repeat(4000) : `row ${index}`
  const writes: Write[] = [
    { type: 'put', key: `R/${String(index).padStart(9, '0')}`, value: { index, text } },
    { type: 'put', key: `p/${index % 50}`, value: index },
  ]
  if (index % 5 === 0) writes.push({ type: 'del', key: `R/${String(index - 4).padStart(9, '0')}` })
  return writes
}

/** What the store holds after entries 1 to `index`. */
export function modelAt(index: number, mode: string): Map<string, unknown> {
  const model = new Map<string, unknown>()
  for (let i = 1; i <= index; i++) {
    for (const write of writesOf(i, mode)) {
      if (write.type === 'put') model.set(write.key, write.value)
      else model.delete(write.key)
    }
  }
  return model
}
