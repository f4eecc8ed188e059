import type { Json } from '../jobs/job.ts'
import {
  BODY_CHARS_MAX,
  type Part,
  parseTemplate,
  percentEncoded,
  type PlaceholderValues,
  plainText,
  renderParts,
} from './placeholders.ts'

/** How placeholders in a body are encoded: by what the body is. */
export type BodyKind = 'json' | 'form' | 'xml' | 'text'

export interface BodyTemplate {
  kind: BodyKind
  faults: string[]
  render(values: PlaceholderValues): string
}

/** Compiles a body. Without a content type it is JSON when it reads as JSON, else text. */
export function compileBody(text: string, contentType: string | undefined): BodyTemplate {
  const { parts, faults } = parseTemplate(text)
  const slots = jsonSlots(parts)
  const asJson = faults.length === 0 && isJson(parts, slots)
  const kind = contentType === undefined ? (asJson ? 'json' : 'text') : kindOf(contentType)
  if (kind === 'json' && faults.length === 0 && !asJson)
    faults.push('the body is not JSON, which its content type says')
  return { kind, faults, render: rendererOf(kind, parts, slots) }
}

function kindOf(contentType: string): BodyKind {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  if (type === 'application/json' || type.endsWith('+json')) return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml') || type === 'text/html') return 'xml'
  return 'text'
}

function rendererOf(kind: BodyKind, parts: Part[], slots: readonly boolean[]): BodyTemplate['render'] {
  const write =
    kind === 'json' ? jsonWriter(slots) : kind === 'form' ? percentEncoded : kind === 'xml' ? xmlEscaped : plainText
  return (values) => renderParts(parts, write, values, BODY_CHARS_MAX)
}

/** For each part: whether it stands inside a JSON string. */
function jsonSlots(parts: readonly Part[]): boolean[] {
  let inString = false
  return parts.map((part) => {
    const before = inString
    if ('literal' in part) {
      for (let i = 0; i < part.literal.length; i++) {
        if (part.literal[i] === '\\' && inString) i++
        else if (part.literal[i] === '"') inString = !inString
      }
    }
    return before
  })
}

function isJson(parts: readonly Part[], slots: readonly boolean[]): boolean {
  const sample = parts.map((part, i) => ('literal' in part ? part.literal : slots[i] ? 'x' : '0')).join('')
  try {
    JSON.parse(sample)
    return true
  } catch {
    return false
  }
}

/** Inside a string a value is escaped text; elsewhere it is the JSON of the value. */
function jsonWriter(slots: readonly boolean[]): (value: Json, index: number) => string {
  return (value, index) => (slots[index] ? JSON.stringify(plainText(value)).slice(1, -1) : JSON.stringify(value))
}

const XML_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function xmlEscaped(value: Json): string {
  return plainText(value).replace(/[&<>"']/g, (character) => XML_ESCAPES[character] ?? '')
}
