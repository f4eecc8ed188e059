/** A definition that is being written: JSON, whatever is in it. */
export type Draft = { readonly [key: string]: unknown }

/** The value at a JSON pointer, if there is one. */
export function read(draft: Draft, pointer: string): unknown {
  let value: unknown = draft
  for (const part of parts(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

/** The draft with another value at a pointer; `undefined` removes it, and what is empty without it. */
export function write(draft: Draft, pointer: string, value: unknown): Draft {
  return (put(draft, parts(pointer), value) as Draft | undefined) ?? {}
}

function put(node: unknown, [first, ...rest]: string[], value: unknown): unknown {
  if (first === undefined) return value
  if (Array.isArray(node)) {
    const items = [...(node as unknown[])]
    items[Number(first)] = put(items[Number(first)], rest, value)
    return items.filter((item) => item !== undefined)
  }
  const { [first]: old, ...others } = (typeof node === 'object' && node !== null ? node : {}) as Record<string, unknown>
  const inner = put(old, rest, value)
  const next = inner === undefined ? others : { ...others, [first]: inner }
  return Object.keys(next).length === 0 ? undefined : next
}

function parts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
