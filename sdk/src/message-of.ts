import { cutText } from './utf8.ts'

/** The longest message that is passed on, in UTF-16 units. */
const MESSAGE_UNITS_MAX = 4096

/** Whatever was thrown, as text. Never throws. */
export function messageOf(error: unknown): string {
  try {
    return cutText(error instanceof Error ? error.message : String(error), MESSAGE_UNITS_MAX)
  } catch {
    return 'something was thrown that cannot be shown'
  }
}
