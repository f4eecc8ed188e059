import { wellFormed } from '../runtime/characters.ts'
import type { Json } from '../jobs/job.ts'

/** What placeholders stand for in one attempt. */
export interface PlaceholderValues {
  runId: string
  attemptId: string
  jobName: string
  namespace: string
  /** RFC 3339. */
  fireTime: string
  dueTime: string
  attempt: number
  /** Decimal; it may one day be more than a double holds. */
  fencingToken: string
  shard: { index: number; total: number; items: Json[] }
  params: { [key: string]: Json }
  /** The run that started this one, if one did. */
  parent?: { runId: string; result: Json }
}

/** A text with placeholders, taken apart: literals and names in turn. */
export type Part = { literal: string } | { name: string; read(values: PlaceholderValues): Json | undefined }

const READERS: Record<string, (values: PlaceholderValues) => Json> = {
  runId: (values) => values.runId,
  attemptId: (values) => values.attemptId,
  jobName: (values) => values.jobName,
  job: (values) => values.jobName,
  namespace: (values) => values.namespace,
  fireTime: (values) => values.fireTime,
  dueTime: (values) => values.dueTime,
  attempt: (values) => values.attempt,
  fencingToken: (values) => values.fencingToken,
  'shard.index': (values) => values.shard.index,
  'shard.total': (values) => values.shard.total,
  'shard.items': (values) => values.shard.items,
  'parent.runId': (values) => values.parent?.runId ?? null,
  'parent.result': (values) => values.parent?.result ?? null,
}
const KNOWN = Object.keys(READERS).map((name) => `{{${name}}}`)

/** Takes a text apart. Faults are sentences; a text that has some is not rendered. */
export function parseTemplate(text: string): { parts: Part[]; faults: string[] } {
  const parts: Part[] = []
  const faults: string[] = []
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('{{', at)
    if (open < 0) break
    const close = text.indexOf('}}', open + 2)
    if (close < 0) {
      faults.push(`{{ at position ${open} is never closed by }}`)
      break
    }
    if (open > at) parts.push({ literal: text.slice(at, open) })
    const name = text.slice(open + 2, close).trim()
    const read = readerOf(name)
    if (read) parts.push({ name, read })
    else
      faults.push(
        `{{${name.slice(0, 100)}}} is unknown; there are ${KNOWN.join(' ')} {{params.<name>}} {{parent.result.<name>}}`,
      )
    at = close + 2
  }
  if (at < text.length && faults.length === 0) parts.push({ literal: text.slice(at) })
  return { parts, faults }
}

function readerOf(name: string): ((values: PlaceholderValues) => Json | undefined) | undefined {
  if (Object.hasOwn(READERS, name)) return READERS[name]
  const [, root, rest = ''] = /^(params|parent\.result)((?:\.[A-Za-z0-9_-]+)+)$/.exec(name) ?? []
  const path = rest.split('.').slice(1)
  if (root === 'params') return ({ params }) => within(params, path)
  // A run that nobody started may share the template: what it has no parent for is null.
  if (root !== undefined) return ({ parent }) => (parent ? within(parent.result, path) : null)
  return undefined
}

function within(whole: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = whole
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, key) ? (value as { [key: string]: Json })[key] : undefined
  }
  return value
}

/** A placeholder that has no value in this attempt, or one that may not stand where it does; nothing is sent. */
export class RenderFault extends Error {
  override name = 'RenderFault'
}

/** Characters of a path with its query, and of all headers together, once the values are put in. */
export const LINE_CHARS_MAX = 32 * 1024
/** Characters of a body once the values are put in. */
export const BODY_CHARS_MAX = 1024 * 1024
export const TOO_LARGE =
  'with its values put in the request is too large: at most 32 KiB of path and query, 32 KiB of headers, 1 MiB of body'

/**
 * The text with each value put in as `write` has it. Throws a `RenderFault` as soon as it has more than `charsMax`
 * characters: a template may name one value many times, so it can ask for far more than it and the value hold.
 */
export function renderParts(
  parts: readonly Part[],
  write: (value: Json, index: number) => string,
  values: PlaceholderValues,
  charsMax: number,
): string {
  let text = ''
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part
    text += 'literal' in part ? part.literal : write(valueOf(part, values), i)
    if (text.length > charsMax) throw new RenderFault(TOO_LARGE)
  }
  return text
}

function valueOf(part: Exclude<Part, { literal: string }>, values: PlaceholderValues): Json {
  const value = part.read(values)
  if (value === undefined) throw new RenderFault(`{{${part.name}}} has no value in this run`)
  return value
}

/** A value as plain text: lists by commas (shard items, as gojob writes them), objects as JSON. */
export function plainText(value: Json): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(plainText).join(',')
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** As part of a path or query: nothing in it can end a segment or a parameter. */
export function percentEncoded(value: Json): string {
  return encodeURIComponent(wellFormed(plainText(value))).replace(/[!'()*]/g, hexOf)
}

/** As part of a header: line breaks and all that is not printable ASCII are percent-encoded. */
export function headerSafe(value: Json): string {
  return wellFormed(plainText(value)).replace(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character))
}

function hexOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
