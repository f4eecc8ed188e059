import type { Json, JsonObject } from '@cronclave/sdk'
import { parseJson } from '../../dispatch/outcome.ts'
import type { RestReply } from './rest-exchange.ts'

/** Bytes of a run's result as JSON. */
export const RESULT_BYTES_MAX = 64 * 1024
/** Nesting of a body that is kept as JSON; a result may be 60 deep. */
const DEPTH_MAX = 56
/** Characters of a header that are kept, and of all that are. */
const HEADER_LENGTH_MAX = 1024
const HEADERS_LENGTH_MAX = 16 * 1024

/** Headers of replies that everybody wants to see. */
const KEPT_HEADERS = 'content-type content-length content-encoding date etag last-modified location retry-after'.split(
  ' ',
)

/** What a run of `rest` results in: status, some headers, and the body, as much of it as a result holds. */
export function restResult(reply: RestReply, keepHeaders: readonly string[] = []): JsonObject {
  const kept = { status: reply.status, headers: keptHeaders(reply.headers, keepHeaders) }
  if (reply.bytes === 0) return kept
  const json = jsonOf(reply)
  if (json !== undefined && sizeOf({ ...kept, body: json }) <= RESULT_BYTES_MAX) return { ...kept, body: json }
  const text = textOf(reply)
  const whole = text ?? reply.body.toString('base64')
  return longestThatFits(whole, (part) => {
    const isCut = reply.bytes > reply.body.length || part.length < whole.length
    const body = text === undefined ? { base64: part } : part
    return { ...kept, body, ...(isCut && { truncated: true, bytes: reply.bytes }) }
  })
}

function keptHeaders(headers: Record<string, string>, wanted: readonly string[]): JsonObject {
  const names = new Set([...KEPT_HEADERS, ...wanted.map((name) => name.toLowerCase())])
  let room = HEADERS_LENGTH_MAX
  const kept = [...names].flatMap((name): [string, string][] => {
    if (!Object.hasOwn(headers, name)) return []
    const value = (headers[name] ?? '').slice(0, HEADER_LENGTH_MAX)
    room -= name.length + value.length
    return room < 0 ? [] : [[name, value]]
  })
  return Object.fromEntries(kept)
}

/** The body as JSON, when it says that it is, is whole, and is not nested too deeply for a result. */
function jsonOf({ headers, body, bytes }: RestReply): Json | undefined {
  if (bytes > body.length || !/\bjson\b/i.test(headers['content-type'] ?? '')) return undefined
  const json = parseJson(body.toString('utf8'))
  return json === undefined || isDeeper(json, DEPTH_MAX) ? undefined : json
}

/** The body as text; undefined of bytes that are not UTF-8. A last character that was cut in two is left out. */
function textOf({ body, bytes }: RestReply): string | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return decoder.decode(body, { stream: bytes > body.length })
  } catch {
    return undefined
  }
}

function longestThatFits(whole: string, make: (part: string) => JsonObject): JsonObject {
  let part = whole
  for (;;) {
    const made = make(part)
    const bytes = sizeOf(made)
    if (bytes <= RESULT_BYTES_MAX || part === '') return made
    const length = Math.min(part.length - 1, Math.floor((part.length * RESULT_BYTES_MAX) / bytes))
    part = cut(part, length)
  }
}

/** Neither half of a character outside the basic plane, nor part of a group of base64, is left at the end. */
function cut(text: string, length: number): string {
  const end = length - (length % 4)
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function isDeeper(value: Json, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return than === 0 || Object.values(value).some((inner) => isDeeper(inner, than - 1))
}
