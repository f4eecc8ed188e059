const QUANTIFIER = /^\{(\d+)(?:(,)(\d*))?\}/
const ESCAPE = /^\\(?:[pPu]\{[^}]*\}|k<[^>]*>|.)/s
const CLASS = /^\[(?:\\.|[^\]\\])*\]/s
const GROUP = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/

/**
 * How many states an engine without backtracking has for a pattern, roughly: such an engine writes repetitions out, so that
 * a few characters can stand for millions.
 */
export function expandedSize(source: string): number {
  /** Sizes of the groups that are open; of each, all but what came last, since a quantifier may follow that. */
  const open = [{ size: 0, last: 0 }]
  for (let rest = source; rest !== ''; ) {
    const group = open.at(-1) ?? { size: 0, last: 0 }
    const taken = tokenOf(rest)
    const times = QUANTIFIER.exec(rest)
    if (times) group.last *= timesOf(times)
    else if (rest.startsWith('(')) open.push({ size: 0, last: 0 })
    else {
      const inner = rest.startsWith(')') && open.length > 1 ? open.pop() : undefined
      add(open.at(-1) ?? group, inner ? inner.size + inner.last + 2 : 1)
    }
    rest = rest.slice(taken)
  }
  return open.reduce((sum, { size, last }) => sum + size + last, 0)
}

function add(group: { size: number; last: number }, size: number): void {
  group.size += group.last
  group.last = size
}

function tokenOf(rest: string): number {
  for (const token of [QUANTIFIER, ESCAPE, CLASS, GROUP]) {
    const [found] = token.exec(rest) ?? []
    if (found !== undefined) return found.length
  }
  return 1
}

function timesOf([, least = '0', isRange, most = '']: readonly string[]): number {
  if (isRange === undefined) return Math.max(1, Number(least))
  return Math.max(1, most === '' ? Number(least) + 1 : Number(most))
}
