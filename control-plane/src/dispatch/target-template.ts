import type { HttpTarget, Json } from '../jobs/job.ts'
import { type BodyTemplate, compileBody } from './body-template.ts'
import {
  headerSafe,
  LINE_CHARS_MAX,
  type Part,
  parseTemplate,
  percentEncoded,
  type PlaceholderValues,
  RenderFault,
  renderParts,
  TOO_LARGE,
} from './placeholders.ts'

/** What a target asks for in one attempt. Header names are in lower case. */
export interface RenderedTarget {
  /** `http://host:port` when the target has a URL of its own. */
  origin: string | undefined
  /** Path with query; to be joined to the executor's base when there is no origin. */
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
}

export interface TargetTemplate {
  /** The origin that it always calls, if it has a URL of its own: nothing in scheme, host or port is a placeholder. */
  readonly origin: string | undefined
  /** Throws `RenderFault` when a value is missing or may not stand where it does. */
  render(values: PlaceholderValues): RenderedTarget
}

const compiled = new WeakMap<HttpTarget, TargetTemplate>()
const ORIGIN = /^(https?:\/\/[^/?#\\]*)(.*)$/is

/** The target ready to be rendered; compiled once per definition. */
export function targetTemplate(target: HttpTarget): TargetTemplate {
  let template = compiled.get(target)
  if (!template) {
    template = compileTarget(target)
    compiled.set(target, template)
  }
  return template
}

function compileTarget(target: HttpTarget): TargetTemplate {
  const { origin, rest } = splitTarget(target)
  const [path, query] = pathParts(rest, target.query)
  const headers = Object.entries(target.headers).map(([name, value]) => ({
    name: name.toLowerCase(),
    parts: parseTemplate(value).parts,
  }))
  const body = bodyOf(target)
  const moving = path.some((part) => !('literal' in part))
  const mark = rest.includes('?') || Object.keys(target.query).length > 0 ? '&' : '?'
  const adds = !saysWhereItemsGo(target)
  return {
    origin,
    render(values) {
      const pathname = renderParts(path, percentEncoded, values, LINE_CHARS_MAX)
      if (moving && hasDotSegment(pathname)) {
        throw new RenderFault('a value would make . or .. a segment of the path')
      }
      const rendered: Record<string, string> = {}
      let room = LINE_CHARS_MAX
      for (const { name, parts } of headers) {
        const value = renderParts(parts, headerSafe, values, room).trim()
        room -= value.length
        rendered[name] = value
      }
      if (body?.kind === 'json') rendered['content-type'] ??= 'application/json'
      const asked = renderParts(query, percentEncoded, values, LINE_CHARS_MAX - pathname.length)
      const items = adds ? itemsQuery(mark, values.shard.items) : ''
      if (pathname.length + asked.length + items.length > LINE_CHARS_MAX) throw new RenderFault(TOO_LARGE)
      return {
        origin,
        path: pathname + asked + items,
        headers: rendered,
        body: body && Buffer.from(body.render(values)),
      }
    },
  }
}

/** Whether a target puts the items of a shard somewhere itself. */
function saysWhereItemsGo({ path, url, query, headers, body }: HttpTarget): boolean {
  const texts = [path ?? '', url ?? '', body ?? '', ...Object.values(query), ...Object.values(headers)]
  if (texts.some((text) => /\{\{\s*shard\.items\s*\}\}/.test(text))) return true
  return Object.hasOwn(query, 'sharding') || /[?&]sharding=/.test(path ?? url ?? '')
}

/** `sharding=v1,v2`, as gojob asks; nothing for a run that is not sharded. */
function itemsQuery(mark: string, items: readonly Json[]): string {
  return items.length === 0 ? '' : `${mark}sharding=${items.map(percentEncoded).join(',')}`
}

/** Origin in its normal form (decimal and octal hosts become dotted ones) and what follows it. */
export function splitTarget({ url, path }: Pick<HttpTarget, 'url' | 'path'>): {
  origin: string | undefined
  rest: string
} {
  if (url === undefined) return { origin: undefined, rest: path ?? '/' }
  const [, origin, rest] = ORIGIN.exec(url) ?? []
  if (origin === undefined || !URL.canParse(origin)) return { origin: undefined, rest: '/' }
  return { origin: new URL(origin).origin, rest: rest?.startsWith('/') ? rest : `/${rest ?? ''}` }
}

/** The body's template, if it has one; `content-type` says how values are encoded in it. */
export function bodyOf(target: HttpTarget): BodyTemplate | undefined {
  if (target.body === undefined) return undefined
  const name = Object.keys(target.headers).find((header) => header.toLowerCase() === 'content-type')
  return compileBody(target.body, name === undefined ? undefined : target.headers[name])
}

function pathParts(rest: string, extra: Record<string, string>): [path: Part[], query: Part[]] {
  const mark = rest.indexOf('?')
  const path = literalsEncoded(mark < 0 ? rest : rest.slice(0, mark), urlLiteral)
  const query = mark < 0 ? [] : literalsEncoded(rest.slice(mark), urlLiteral)
  let separator = mark < 0 ? '?' : '&'
  for (const [name, value] of Object.entries(extra)) {
    query.push({ literal: `${separator}${percentEncoded(name)}=` }, ...literalsEncoded(value, percentEncoded))
    separator = '&'
  }
  return [path, query]
}

function literalsEncoded(text: string, encode: (literal: string) => string): Part[] {
  return parseTemplate(text).parts.map((part) => ('literal' in part ? { literal: encode(part.literal) } : part))
}

/** What a person wrote into a path: escapes they made stay, what may not stand in a request line is escaped. */
function urlLiteral(literal: string): string {
  return literal.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, percentEncoded)
}

function hasDotSegment(path: string): boolean {
  return path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment))
}
