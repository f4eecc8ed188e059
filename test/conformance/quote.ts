const NAMED: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

/** Bytes as Go's `%q` shows them. */
export function quote(bytes: Uint8Array): string {
  let text = '"'
  for (let at = 0; at < bytes.length; ) {
    const rune = runeAt(bytes, at)
    text += rune === undefined ? `\\x${hex(bytes[at] as number, 2)}` : shown(rune)
    at += rune === undefined ? 1 : Buffer.byteLength(String.fromCodePoint(rune))
  }
  return `${text}"`
}

function shown(rune: number): string {
  const named = NAMED[rune]
  if (named !== undefined) return named
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`
  const character = String.fromCodePoint(rune)
  if (rune === 0x20 || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character
  return rune > 0xffff ? `\\U${hex(rune, 8)}` : `\\u${hex(rune, 4)}`
}

/** The code point that begins at a byte, if UTF-8 is valid there. */
function runeAt(bytes: Uint8Array, at: number): number | undefined {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      return strict.decode(bytes.subarray(at, at + length)).codePointAt(0)
    } catch {
      // Needs another byte, or is no UTF-8 at all.
    }
  }
  return undefined
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
