import { wellFormed } from '../runtime/characters.ts'
import { cut } from './cut.ts'

/** Characters that break lines, hide, or turn the direction of what follows; line feed and tab are judged apart. */
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g
const MARK = '…'

/** The text on one line of at most `charsMax` characters: no line break, no control character, no half of a character. */
export function oneLine(text: string, charsMax: number): string {
  // What is cut away anyway is not looked at: a text may be huge.
  const near = text.slice(0, 4 * charsMax + 4)
  const line = wellFormed(near)
    .replace(/[\r\n\t\u2028\u2029\s]+/g, ' ')
    .replace(UNSEEN, '')
    .trim()
  return cut(near.length < text.length ? `${line}${MARK}` : line, charsMax)
}

/** The text with its line feeds, of at most `charsMax` characters, without other control characters. */
export function plainText(text: string, charsMax: number): string {
  const near = text.slice(0, 2 * charsMax + 2)
  const plain = wellFormed(near)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(UNSEEN, '')
    .trim()
  return cut(near.length < text.length ? `${plain}${MARK}` : plain, charsMax)
}

/** At most `max` bytes of UTF-8, cut between characters; what was cut ends with `…`. */
export function cutBytes(text: string, max: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= max) return text
  let end = Math.max(0, max - Buffer.byteLength(MARK))
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end) + MARK
}
