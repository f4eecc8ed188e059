import type { Millis } from './clock.ts'

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** Epoch milliseconds of an RFC 3339 time with offset, or `undefined` when it is not one. Finer fractions are cut off. */
export function parseInstant(text: string): Millis | undefined {
  const match = RFC_3339.exec(text)
  if (!match) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year, month - 1, day)
  if (month < 1 || month > 12 || date.getUTCDate() !== day || day < 1) return undefined
  return Date.parse(text.toUpperCase())
}

/** An instant as replies have it: UTC with milliseconds. */
export function formatInstant(instant: Millis): string {
  return new Date(instant).toISOString()
}
