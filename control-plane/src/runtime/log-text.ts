import { visible } from './visible.ts'

/** What takes finished lines. */
interface Lines {
  write(text: string): unknown
}

const COLOURS = { debug: 90, info: 36, warn: 33, error: 31, fatal: 31 } as const

/** Turns each JSON line of the logger into one line for people: time, level, message, then `name=value`. */
export function textLines(to: Lines, { colours }: { colours: boolean }): { write(line: string): void } {
  const paint = (text: string, colour: number) => (colours ? `\u001B[${colour}m${text}\u001B[39m` : text)
  return {
    write(line) {
      const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>
      const word = String(level)
      const colour = COLOURS[word as keyof typeof COLOURS] ?? 39
      const parts = [paint(String(time).slice(11, 23), 90), paint(word.padEnd(5), colour)]
      if (typeof msg === 'string') parts.push(visible(msg))
      for (const [name, value] of Object.entries(rest))
        parts.push(paint(`${visible(name)}=`, 90) + visible(shown(value)))
      if (isFault(err)) parts.push(visible(err.stack ?? err.message ?? ''))
      to.write(`${parts.join(' ')}\n`)
    },
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) && value !== '' ? value : JSON.stringify(value)
}

function isFault(value: unknown): value is { stack?: string; message?: string } {
  return typeof value === 'object' && value !== null
}
