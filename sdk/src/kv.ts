import { systemClock, type ExecutorClock } from './clock.ts'
import { ConfigError, CronclaveError } from './errors.ts'
import { isObject, type Json } from './json.ts'
import type { Kv, KvEntry, KvValue, PutOptions } from './keys-and-locks.ts'
import { type Ask, lockWith } from './lock.ts'

export type { Held, Kv, KvEntry, KvValue, LockOptions, PutOptions, ReadOptions } from './keys-and-locks.ts'

/** Where the control plane is, and as whom it is asked. */
export interface KvOptions {
  /** Of any node, e.g. `http://127.0.0.1:7420`. */
  url: string
  /** A token of the namespace, or of any of its services. */
  token: string
  /** @default 'default' */
  namespace?: string
  /** @default globalThis.fetch */
  fetch?: typeof fetch
  /** For tests. */
  clock?: ExecutorClock
}

/** The control plane refused; `code` is that of its problem document, `status` is 0 when it did not answer. */
export class KvError extends CronclaveError {
  override name = 'KvError'
  readonly status: number
  constructor(status: number, code: string, message: string, cause?: unknown) {
    super('kv', message, { code, ...(cause !== undefined && { cause }) })
    this.status = status
  }
}

/** Keys read at a time. */
const PAGE = 100

/**
 * Keys and locks of a namespace, for handlers and for anything else.
 * @example
 * createExecutor({ service: 'billing', secret: process.env.CRONCLAVE_SECRET, kv: kv({ url, token }) })
 *   .job('import', async (ctx) => {
 *     const cursor = await ctx.kv.get('import/cursor')
 *     await ctx.lock('import', { waitMs: 60_000 }, ({ fencingToken, signal }) => importRows(cursor?.text(), fencingToken, signal))
 *   })
 */
export function kv(options: KvOptions): Kv {
  const ask = asker(options)
  const self: Kv = {
    async get(key, { minIndex, linearizable = false } = {}) {
      const wanted = new URLSearchParams()
      if (minIndex !== undefined) wanted.set('min-index', String(minIndex))
      if (linearizable) wanted.set('consistency', 'linearizable')
      const reply = await ask('GET', `${at(key)}?${wanted.toString()}`).catch(unless(404))
      if (!reply) return undefined
      const { headers } = reply
      const number = (name: string) => Number(headers.get(`x-cronclave-${name}`))
      const lease = headers.get('x-cronclave-lease')
      return entryOf(new Uint8Array(await reply.arrayBuffer()), {
        key,
        contentType: headers.get('content-type') ?? '',
        createIndex: number('create-index'),
        modIndex: number('mod-index'),
        version: number('version'),
        ...(lease !== null && { lease }),
      })
    },

    async put(key, value, { ifIndex, lease, contentType }: PutOptions = {}) {
      const { body, type } = bodyOf(value)
      const query = lease === undefined ? '' : `?lease=${encodeURIComponent(lease)}`
      const headers = { 'content-type': contentType ?? type, ...condition(ifIndex) }
      const reply = await ask('PUT', at(key) + query, { headers, body })
      return ((await reply.json()) as { modIndex: number }).modIndex
    },

    async delete(key, { ifIndex } = {}) {
      return (await ask('DELETE', at(key), { headers: condition(ifIndex) }).catch(unless(404))) !== undefined
    },

    async *range(prefix = '', { from, to } = {}) {
      let cursor: string | undefined
      do {
        const wanted = { prefix, from, to, cursor, limit: String(PAGE) }
        const given = Object.entries(wanted).filter((pair): pair is [string, string] => Boolean(pair[1]))
        const reply = await ask('GET', `kv?${new URLSearchParams(given).toString()}`)
        const page = (await reply.json()) as { items: (Meta & { value: string })[]; nextCursor?: string }
        for (const { value, ...meta } of page.items) yield entryOf(bytesOf(value), meta)
        cursor = page.nextCursor
      } while (cursor !== undefined)
    },

    compareAndSet: (key, ifIndex, value) => self.put(key, value, { ifIndex }).catch(unless(412)),

    lock: (name, wanted, work) => lockWith(ask, options.clock ?? systemClock, name, wanted, work),
  }
  return self
}

function asker({ url, token, namespace = 'default', fetch: send = fetch }: KvOptions): Ask {
  if (!/^https?:\/\//.test(url) || !token) throw new ConfigError('`kv` needs the `url` of a node and a `token`')
  const home = `${url.replace(/\/+$/, '')}/v1/namespaces/${encodeURIComponent(namespace)}/`
  return async (method, path, { headers, ...init } = {}) => {
    const request = { method, ...init, headers: { ...headers, authorization: `Bearer ${token}` } }
    const reply = await send(home + path, request).catch((error: unknown) => {
      if (init.signal?.aborted) throw init.signal.reason
      throw new KvError(0, 'unreachable', `the control plane does not answer: ${String(error)}`, error)
    })
    if (reply.ok) return reply
    const problem: unknown = await reply.json().catch(() => undefined)
    const {
      code = 'unknown',
      title = '',
      detail = title,
    } = (isObject(problem) ? problem : {}) as Record<string, string>
    throw new KvError(reply.status, code, `${method} ${path} was answered ${reply.status} ${code}: ${detail}`)
  }
}

/** Turns one kind of refusal into `undefined`. */
function unless(status: number): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof KvError && error.status === status) return undefined
    throw error
  }
}

function at(key: string): string {
  return `kv/${encodeURIComponent(key)}`
}

function condition(ifIndex: number | undefined): Record<string, string> {
  if (ifIndex === undefined) return {}
  return ifIndex === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${ifIndex}"` }
}

function bodyOf(value: KvValue): { body: BodyInit; type: string } {
  // A copy in memory of its own, which is all that the web's types take.
  if (value instanceof Uint8Array) return { body: new Uint8Array(value), type: 'application/octet-stream' }
  if (typeof value === 'string') return { body: value, type: 'text/plain; charset=utf-8' }
  return { body: JSON.stringify(value), type: 'application/json' }
}

interface Meta {
  key: string
  contentType: string
  createIndex: number
  modIndex: number
  version: number
  lease?: string
}

function entryOf(value: Uint8Array, { modIndex: index, ...meta }: Meta): KvEntry {
  const text = () => new TextDecoder().decode(value)
  return { ...meta, value, index, text, json: () => JSON.parse(text()) as Json }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
