import { createHash } from 'node:crypto'

/** SHA-256 in lower-case hex of the canonical JSON of a manifest: revision, its order, and the handlers. */
export function manifestHash(manifest: { revision?: unknown; revisionOrder?: unknown; handlers: unknown }): string {
  const { revision, revisionOrder, handlers } = manifest
  return createHash('sha256').update(canonicalJson({ revision, revisionOrder, handlers })).digest('hex')
}

/** JSON without blanks, the fields of each object in the order of their UTF-16 code units (RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, of]) => of !== undefined)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, of]) => `${JSON.stringify(name)}:${canonicalJson(of)}`).join()}}`
}
