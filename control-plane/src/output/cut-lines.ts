import { lineBytes } from '../runs/log-lines.ts'
import type { LogLine } from '../runs/run.ts'

/** Bytes of lines that are kept of an attempt at most. */
export const OUTPUT_BYTES_MAX = 256 * 1024

/**
 * As many of the lines as there is room for; the last one is cut between two characters, and a line behind it says how
 * much is left out. `used`: bytes kept of the attempt before; `cut`: that line has been said already.
 */
export function cutLines(lines: readonly LogLine[], used: number): { lines: LogLine[]; used: number } {
  const kept: LogLine[] = []
  let total = used
  if (used >= OUTPUT_BYTES_MAX) return { lines: kept, used }
  for (const [at, line] of lines.entries()) {
    const bytes = lineBytes(line)
    if (total + bytes <= OUTPUT_BYTES_MAX) {
      kept.push(line)
      total += bytes
      continue
    }
    const room = OUTPUT_BYTES_MAX - total - lineBytes({ ...line, message: '' })
    const message = textWithin(line.message, room)
    if (message !== '') kept.push({ ...line, message })
    kept.push({ at: line.at, level: 'warn', message: leftOut(lines.length - at - 1, message !== line.message) })
    return { lines: kept, used: OUTPUT_BYTES_MAX }
  }
  return { lines: kept, used: total }
}

/** The beginning of a text that takes at most so many bytes of UTF-8, never half a character. */
export function textWithin(text: string, bytes: number): string {
  if (bytes <= 0) return ''
  const all = Buffer.from(text)
  if (all.length <= bytes) return text
  let end = bytes
  // 10xxxxxx goes on with a character that began before.
  while (end > 0 && ((all[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return all.subarray(0, end).toString()
}

function leftOut(further: number, isCut: boolean): string {
  const rest = further === 0 ? 'what follows' : `${further} or more further lines`
  const limit = `an attempt keeps ${OUTPUT_BYTES_MAX / 1024} KiB of lines`
  return `${isCut ? 'The line before is cut, and ' : ''}${rest} is left out: ${limit}.`
}
