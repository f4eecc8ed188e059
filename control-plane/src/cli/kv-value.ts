/** How much of a value a line shows. */
const SHOWN_MAX = 40

/** The beginning of a value that is text; how long it is otherwise. */
export function shownValue(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString()
  if (!bytes.equals(Buffer.from(text)) || CONTROLS.test(text)) return `(${bytes.length} bytes)`
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

/** Control characters that no text has. */
const CONTROLS = /[^\P{Cc}\t\n\r]/u
