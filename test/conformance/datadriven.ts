/** One command of a transcript with what it should print. */
export interface Case {
  /** Of the command line, counted from 1. */
  line: number
  command: string
  args: Argument[]
  /** Lines between the command and `----`, trimmed. */
  input: string
  expected: string
}

/** `key`, `key=value` or `key=(value,value)`. A bare word is a key without values. */
export interface Argument {
  key: string
  values: string[]
}

const FENCE = '----'

/**
 * Cases of a transcript: comments and blank lines, a command line, input lines, `----`, and what is expected up to a
 * blank line. A second `----` right after the first fences what is expected until `----` stands twice again.
 */
export function parseTranscript(text: string): Case[] {
  const lines = new Lines(text)
  const cases: Case[] = []
  for (;;) {
    const directive = lines.directive()
    if (directive === undefined) return cases
    const input = lines.until((line) => line === FENCE)
    cases.push({ ...parseCommand(directive.text), line: directive.line, input, expected: lines.expected() })
  }
}

/** A command word and its arguments. */
export function parseCommand(text: string): Pick<Case, 'command' | 'args'> {
  const [command = '', ...rest] = /^(\S+)\s*(.*)$/s.exec(text.trim())?.slice(1) ?? []
  return { command, args: parseArguments(rest.join('')) }
}

function parseArguments(text: string): Argument[] {
  const args: Argument[] = []
  let rest = text.trimStart()
  while (rest !== '') {
    const [whole, key = '', equals] = /^([^\s=]+)(=?)/.exec(rest) ?? []
    if (whole === undefined) throw new Error(`an argument without a name: ${rest}`)
    rest = rest.slice(whole.length)
    const value = equals === '=' ? valueAt(rest) : { values: [], length: 0 }
    args.push({ key, values: value.values })
    rest = rest.slice(value.length).trimStart()
  }
  return args
}

function valueAt(text: string): { values: string[]; length: number } {
  if (!text.startsWith('(')) {
    const word = /^\S*/.exec(text)?.[0] ?? ''
    return { values: [word], length: word.length }
  }
  const values: string[] = []
  let depth = 0
  let start = 1
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')') depth--
    if (depth > 1 || (depth === 1 && text[at] !== ',')) continue
    values.push(text.slice(start, at).trim())
    start = at + 1
    if (depth === 0) return { values: values.join('') === '' ? [] : values, length: start }
  }
  throw new Error(`a list that is not closed: ${text}`)
}

class Lines {
  readonly #lines: string[]
  #next = 0

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/)
  }

  /** The next command line; a backslash at its end continues it. */
  directive(): { text: string; line: number } | undefined {
    while (this.#next < this.#lines.length) {
      const line = this.#next + 1
      let text = this.#take().trim()
      if (text === '' || text.startsWith('#') || /^subtest\b/.test(text)) continue
      while (text.endsWith('\\')) text = `${text.slice(0, -1).trimEnd()} ${this.#take().trim()}`
      return { text, line }
    }
    return undefined
  }

  until(ends: (line: string) => boolean): string {
    const taken: string[] = []
    while (this.#next < this.#lines.length) {
      const line = this.#take()
      if (ends(line)) return taken.join('\n').trim()
      taken.push(line)
    }
    throw new Error(`a command without ${FENCE}: ${taken[0] ?? ''}`)
  }

  expected(): string {
    if (this.#lines[this.#next] !== FENCE) {
      const taken: string[] = []
      while (this.#next < this.#lines.length && this.#lines[this.#next]?.trim() !== '') taken.push(this.#take())
      return taken.join('\n')
    }
    this.#next++
    const taken: string[] = []
    while (this.#next < this.#lines.length) {
      if (this.#lines[this.#next] === FENCE && this.#lines[this.#next + 1] === FENCE) {
        this.#next += 2
        return taken.join('\n')
      }
      taken.push(this.#take())
    }
    throw new Error('a fence that is not closed')
  }

  #take(): string {
    return this.#lines[this.#next++] ?? ''
  }
}
