import type { Json } from '../jobs/job.ts'

/** What a key may be made of. */
export interface KeyValues {
  /** Name of the job. */
  job: string
  /** Of the run, which has the job's with what its requester put over them. */
  params: { [key: string]: Json }
}

/** A part of a template as it stands, or the path to a value. */
type Part = string | readonly string[]

/** Templates whose parts are remembered. */
const REMEMBERED_MAX = 1000
const PLACEHOLDER = /\{\{(.*?)\}\}/gs
const KNOWN = /^\s*(job|params(?:\.[A-Za-z0-9_-]+)+)\s*$/

const remembered = new Map<string, readonly Part[]>()

/**
 * The key that `consistent-hash` places a run by: `tenant-{{params.tenant}}` keeps the work of one tenant together. A
 * value that a run does not have stands as nothing.
 */
export function routingKey(template: string, values: KeyValues): string {
  let key = ''
  for (const part of partsOf(template)) key += typeof part === 'string' ? part : textOf(part, values)
  return key
}

/** What is wrong with a template, or undefined. */
export function keyFault(template: string): string | undefined {
  for (const [whole, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (!KNOWN.test(name)) return `${whole.slice(0, 100)} is unknown; there are {{job}} and {{params.<name>}}`
  }
  return /\{\{|\}\}/.test(template.replaceAll(PLACEHOLDER, '')) ? 'a {{ or }} has no partner' : undefined
}

function partsOf(template: string): readonly Part[] {
  const known = remembered.get(template)
  if (known) return known
  const parts: Part[] = []
  let from = 0
  for (const match of template.matchAll(PLACEHOLDER)) {
    if (match.index > from) parts.push(template.slice(from, match.index))
    parts.push((match[1] ?? '').trim().split('.'))
    from = match.index + match[0].length
  }
  if (from < template.length) parts.push(template.slice(from))
  if (remembered.size >= REMEMBERED_MAX) remembered.clear()
  remembered.set(template, parts)
  return parts
}

function textOf(path: readonly string[], { job, params }: KeyValues): string {
  if (path[0] === 'job') return job
  let value: Json | undefined = params
  for (const name of path.slice(1)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return ''
    value = value[name]
  }
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}
