/** The one of `known` that was probably meant by `given`, or undefined when none is near enough. */
export function suggest(given: string, known: Iterable<string>): string | undefined {
  const wanted = given.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `unknown, did you mean retry?`, or plain `unknown` when nothing known is near. */
export function unknownName(given: string, known: Iterable<string>): string {
  const meant = suggest(given, known)
  return meant === undefined ? 'unknown' : `unknown, did you mean ${meant}?`
}

/** Letters longer than this are not compared: names are short, hostile input is not. */
const COMPARED_LENGTH_MAX = 64

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. At least `limit` when it is not below. */
function editDistance(a: string, b: string, limit: number): number {
  if (a.length > COMPARED_LENGTH_MAX || Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1))
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      }
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return Math.min(at(last, b.length), limit)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
