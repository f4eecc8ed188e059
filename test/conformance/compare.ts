/** Where what was printed leaves what was expected. */
export interface Difference {
  expected: string
  got: string
}

const LOGGED = /^\s*(?:DEBUG|INFO|WARN|ERROR|FATAL|PANIC)(?: |$)/
const NOTHING = 'ok'

/** The first line that differs, lines of the engine's own logger left out on both sides. */
export function firstDifference(expected: string, got: string): Difference | undefined {
  const wanted = comparable(expected)
  const given = comparable(got)
  const lines = Math.max(wanted.length, given.length)
  for (let at = 0; at < lines; at++)
    if (wanted[at] !== given[at]) return { expected: wanted[at] ?? '(no more)', got: given[at] ?? '(no more)' }
  return undefined
}

/** Nothing printed reads `ok`; so does what was nothing but the logger's. */
function comparable(output: string): string[] {
  const lines = output.replace(/\n$/, '').split('\n')
  const kept = lines.filter((line) => !LOGGED.test(line))
  return kept.length === 0 || (kept.length === 1 && kept[0] === '') ? [NOTHING] : kept
}
