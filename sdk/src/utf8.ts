/** Bytes of a text in UTF-8, counted without encoding it. A lone surrogate counts as the three bytes it is replaced by. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x800) bytes += isPair(text, i) ? 1 : 2
    else if (unit >= 0x80) bytes += 1
    if (isPair(text, i)) {
      bytes += 1
      i++
    }
  }
  return bytes
}

/** The longest beginning of a text that has at most `units` UTF-16 units and does not end inside a character. */
export function cutText(text: string, units: number): string {
  if (text.length <= units) return text
  return text.slice(0, units > 0 && isPair(text, units - 1) ? units - 1 : units)
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
}
