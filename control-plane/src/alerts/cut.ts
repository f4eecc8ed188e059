import { cutText } from '../runtime/characters.ts'

/** The beginning of a text, with a mark where it was cut; never half a character. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${cutText(text, max - 1)}…`
}
