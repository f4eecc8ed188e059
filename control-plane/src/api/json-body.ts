import { mendedJson } from '../runtime/mended-json.ts'
import { Problem } from '../problems.ts'
import { type Incoming, tooLarge } from './incoming.ts'

/** Bytes of a request's body, at most. */
export const BODY_BYTES_MAX = 1_048_576
/** Levels of arrays and objects in a body, at most: what is kept must be readable by code that recurses. */
export const BODY_DEPTH_MAX = 64

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Refuses a body by its headers alone, before any of it is read. */
export function judgeBody(request: Incoming, bytesMax: number): void {
  judgeBytes(request, bytesMax)
  const type = request.header('content-type')
  if (type !== undefined && !/^application\/(?:[\w.-]+\+)?json *(?:;|$)/i.test(type)) {
    throw new Problem('unsupported-media-type')
  }
}

/** The same of a body that may be of any type. */
export function judgeBytes(request: Incoming, bytesMax: number): void {
  const length = request.header('content-length')
  if (length !== undefined && !(Number(length) <= bytesMax)) throw tooLarge(bytesMax)
  const encoding = request.header('content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported-media-type', 'the body must not be compressed')
  }
}

/**
 * The JSON of a request's body, or undefined when there is none. Throws Problems, nothing else. What cannot be kept as
 * it is gets refused, or with `mends` replaced: an executor cannot do its work another time to say it better.
 */
export async function readJson(request: Incoming, bytesMax: number, mends = false): Promise<unknown> {
  const text = decode(await request.read(bytesMax))
  if (text.trim() === '') return undefined
  const names = countNames(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Problem('invalid-json', error instanceof Error ? error.message.slice(0, 200) : undefined)
  }
  if (namesIn(value) !== names) throw new Problem('invalid-json', 'an object has the same name twice')
  const kept = mends ? mendedJson(text, value) : value
  if (HAZARDS.test(text)) refuseHazards(kept, '')
  return kept
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Problem('invalid-json', 'the body is not UTF-8')
  }
}

/**
 * How many names the objects have, counted by their colons: JSON.parse keeps the last of those that are the same and
 * says nothing. Refuses what is nested too deep, of which JSON.parse would accept half a million levels.
 */
function countNames(text: string): number {
  let names = 0
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === BACKSLASH) i += 1
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      if (depth > BODY_DEPTH_MAX) throw new Problem('invalid-json', `nested deeper than ${BODY_DEPTH_MAX} levels`)
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1
    else if (code === COLON) names += 1
  }
  return names
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const items: unknown[] = Array.isArray(value) ? value : Object.values(value)
  let names = items === value ? 0 : items.length
  for (const item of items) names += namesIn(item)
  return names
}

const COLON = 0x3a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** What is worth a closer look: `__proto__` as it is or escaped, halves of surrogate pairs, numbers beyond a double. */
const HAZARDS = /__proto__|\\u00[5-7]|\\u[dD][89a-fA-F]|\d[eE]\+?\d{2}|\d{300}/i

function refuseHazards(value: unknown, pointer: string): void {
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) refuse(pointer, 'holds half of a surrogate pair')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(pointer, 'is beyond the range of a number')
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refuseHazards(item, `${pointer}/${index}`)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') refuse(`${pointer}/__proto__`, 'may not be a name')
      if (/\p{Surrogate}/u.test(key)) refuse(pointer, 'has a name that holds half of a surrogate pair')
      refuseHazards(item, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    }
  }
}

function refuse(pointer: string, detail: string): never {
  throw new Problem('invalid-request', undefined, [{ pointer: pointer.slice(0, 500), detail }])
}
