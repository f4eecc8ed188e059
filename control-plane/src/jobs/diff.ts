/** One difference between two values. Without `from` it was added, without `to` it was removed. */
export interface Change {
  /** JSON pointer (RFC 6901); empty for the whole. */
  pointer: string
  from?: unknown
  to?: unknown
}

/**
 * What is different in `after`, field by field and item by item, in the order of the names. A field that is `undefined`
 * is one that is absent: what was read back from the store has lost those.
 */
export function changes(before: unknown, after: unknown, pointer = ''): Change[] {
  if (before === after || before === undefined || after === undefined) {
    return before === after ? [] : [{ pointer, ...whole(before, after) }]
  }
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ pointer, from: before, to: after }]
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  if (!Array.isArray(before)) names.sort()
  const found: Change[] = []
  for (const name of names) {
    const [from, to] = [own(before, name), own(after, name)]
    // Most are the same, and need no pointer.
    if (from !== to) found.push(...changes(from, to, `${pointer}/${escaped(name)}`))
  }
  return found
}

function whole(before: unknown, after: unknown): Omit<Change, 'pointer'> {
  return { ...(before === undefined ? {} : { from: before }), ...(after === undefined ? {} : { to: after }) }
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function own(of: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
