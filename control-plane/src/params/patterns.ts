import { RE2JS } from 're2js'
import { expandedSize } from './pattern-size.ts'

/** Characters of a pattern that is checked. */
export const PATTERN_LENGTH_MAX = 1000
/** States that it has when its repetitions are written out, about. */
const PATTERN_SIZE_MAX = 2000
/** Patterns kept compiled. */
const KEPT_MAX = 500

/** The compiler tells patterns apart by their text. */
type Pattern = { steps: number; test(text: string): boolean; toString(): string }

const kept = new Map<string, Pattern | undefined>()

/** Whether a pattern is one that takes time in proportion to the text, whatever the text. */
export function isLinear(source: string): boolean {
  return compiled(source) !== undefined
}

/** Steps that a pattern takes for each character of a text, at most. */
export function stepsOf(source: string): number {
  return compiled(source)?.steps ?? 0
}

/**
 * What stands for `RegExp` where schemas are compiled: RE2, which has no backtracking, so that no pattern of an executor
 * can keep a node busy. Patterns with lookarounds or back references are none for it.
 */
export const linearRegExp = Object.assign(
  (source: string): Pattern => {
    const pattern = compiled(source)
    if (!pattern) throw new Error('the pattern takes no linear time')
    return pattern
  },
  { code: 'linearRegExp' },
)

function compiled(source: string): Pattern | undefined {
  if (source.length > PATTERN_LENGTH_MAX) return undefined
  if (kept.has(source)) return kept.get(source)
  const pattern = compile(source)
  const [oldest] = kept.keys()
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest)
  kept.set(source, pattern)
  return pattern
}

function compile(source: string): Pattern | undefined {
  if (expandedSize(source) > PATTERN_SIZE_MAX) return undefined
  try {
    const pattern = RE2JS.compile(RE2JS.translateRegExp(withWideSpaces(source)))
    return { steps: pattern.programSize(), test: (text) => pattern.test(text), toString: () => source }
  } catch {
    return undefined
  }
}

/** What JavaScript takes for a space; RE2 knows the first five. */
const SPACES = '\t-\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}'

/** A pattern by which `\s` means what it does in the languages that it was written in. */
function withWideSpaces(source: string): string {
  let inClass = false
  return source.replaceAll(/\\[^]|[[\]]/g, (token) => {
    if (token === '\\s') return inClass ? SPACES : `[${SPACES}]`
    if (token === '[') inClass = true
    if (token === ']') inClass = false
    return token
  })
}
