import { Problem } from '../problems.ts'

/** Where the next page of a list begins, as the caller holds it: opaque, and tied to the list that made it. */
export function encodeCursor(list: string, position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url')
}

/** The position in a cursor of this list. Throws a Problem when no list of this kind made it. */
export function decodeCursor(
  list: string,
  cursor: string,
  kinds: readonly ('string' | 'number')[],
): (string | number)[] {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw invalid()
  }
  if (!Array.isArray(parts) || parts[0] !== list || parts.length !== kinds.length + 1) throw invalid()
  return kinds.map((kind, i) => {
    const part: unknown = parts[i + 1]
    if (kind === 'string' && typeof part === 'string') return part
    if (kind === 'number' && typeof part === 'number' && Number.isFinite(part)) return part
    throw invalid()
  })
}

function invalid(): Problem {
  return new Problem('invalid-cursor', undefined, [
    { pointer: '?cursor', detail: 'is not one that this list returned' },
  ])
}
