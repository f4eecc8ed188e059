/** What a person typed as parameters: an object, or a sentence that says what is wrong with it. */
export type ParsedParams = { ok: true; params: Record<string, unknown> } | { ok: false; fault: string }

/** Parameters are a JSON object of at most this many bytes, as the API has it. */
export const PARAMS_BYTES_MAX = 64 * 1024

/** Reads typed parameters; nothing typed is an empty object. */
export function parseParams(text: string): ParsedParams {
  if (text.trim() === '') return { ok: true, params: {} }
  if (new TextEncoder().encode(text).length > PARAMS_BYTES_MAX) return { ok: false, fault: 'Longer than 64 KiB.' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, fault: `Not JSON: ${place(text, error)}` }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, fault: 'Must be a JSON object, such as {"city": "tianjin"}.' }
  }
  const number = lossyNumber(text)
  if (number !== undefined) return { ok: false, fault: `${number} is more than a number holds: write it in quotes.` }
  return { ok: true, params: value as Record<string, unknown> }
}

const TOKENS = /"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs

/** The first number in some JSON of which reading makes another one. */
export function lossyNumber(json: string): string | undefined {
  return [...json.matchAll(TOKENS)].map(([token]) => token).find((token) => !token.startsWith('"') && !isKept(token))
}

function isKept(written: string): boolean {
  const value = Number(written)
  if (!/^-?\d+$/.test(written)) return Number.isFinite(value)
  return written === String(value) || (Number.isFinite(value) && BigInt(written) === BigInt(value))
}

/** V8 gives a position, Firefox a line and column, Safari neither. */
function place(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const position = /position (\d+)/.exec(message)?.[1]
  if (position === undefined || /line \d+/.test(message)) return message
  const before = text.slice(0, Number(position)).split('\n')
  const reason = message.replace(/ in JSON at position \d+.*$/, '')
  return `${reason} (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`
}
