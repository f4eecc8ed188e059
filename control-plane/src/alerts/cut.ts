/** The beginning of a text, with a mark where it was cut; never half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const end = isHigh(text.charCodeAt(max - 2)) ? max - 2 : max - 1
  return `${text.slice(0, end)}…`
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
