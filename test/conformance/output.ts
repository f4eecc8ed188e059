/** As a logger's levels: everything at `none` is silence, of the commands too. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'none'] as const
export type Level = (typeof LEVELS)[number]

/** What a command prints, with the sections of `stabilize` indented. */
export class Output {
  level: Level = 'debug'
  #text = ''

  get silent(): boolean {
    return this.level === 'none'
  }

  print(text: string): void {
    if (!this.silent) this.#text += text
  }

  /** A title, and what is printed meanwhile, indented and ending in a line end. */
  section(title: string, body: () => void): void {
    const before = this.#text
    this.#text = ''
    try {
      body()
    } finally {
      const lines = this.#text.replace(/\n$/, '').split('\n')
      const inner = this.#text === '' ? '' : lines.map((line) => `  ${line}\n`).join('')
      this.#text = before
      this.print(`${title}\n${inner}`)
    }
  }

  /** All that was printed since the last time. */
  take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }
}
