import type { Key, KeyMeta } from '@cronclave/openapi'
import { type Fault, Problem } from '../problems.ts'
import type { KvCondition } from '../state/commands.ts'
import { keyBytes } from '../state/kv.ts'
import { KV_KEY_BYTES_MAX, type KvEntry, OCTETS } from '../state/kv-types.ts'
import type { ApiContext } from './context.ts'
import type { Handlers, ReplyHeaders } from './handlers.ts'
import { keyView } from './kv-view.ts'
import { namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'
import { PAGE } from './pages.ts'

/** Bytes of values on a page of keys, at most; a page has one key at least. */
const PAGE_BYTES_MAX = 4 * 1_048_576
/** What cursors of this list begin with. */
const CURSOR_MARK = 'kv:'

type Operations = 'listKeys' | 'getKey' | 'putKey' | 'deleteKey'

export function kvHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  return {
    listKeys({ path, query }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const space = state().kv.get(uid)
      const { prefix = '', from = '', to, keysOnly = false, limit = PAGE, cursor } = query
      const after = cursor === undefined ? undefined : keyOfCursor(cursor)
      const start = [prefix, from, after ?? ''].reduce((a, b) => (a > b ? a : b))
      const items: Key[] = []
      let bytes = 0
      for (const key of space ? context.feed.kv.ordered(space).from(start) : []) {
        if (key === after) continue
        if (!key.startsWith(prefix) || (to !== undefined && key >= to)) break
        const entry = space?.entries.get(key)
        if (!entry) continue
        bytes += keysOnly ? 0 : entry.value.length
        const last = items.at(-1)
        if (last && (items.length === limit || bytes > PAGE_BYTES_MAX)) {
          return { status: 200, body: { items, nextCursor: cursorOf(last.key) } }
        }
        items.push(keyView(key, entry, !keysOnly))
      }
      return { status: 200, body: { items } }
    },

    getKey({ path }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const entry = state().kv.get(uid)?.entries.get(path.key)
      if (!entry) throw new Problem('key-not-found', `there is no key ${path.key}`)
      return { status: 200, bytes: entry.value, headers: headersOf(entry) }
    },

    async putKey({ path, query, header, body }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const { key } = path
      if (keyBytes(key) > KV_KEY_BYTES_MAX)
        throw wrong({ pointer: '{key}', detail: `has more than ${KV_KEY_BYTES_MAX} bytes` })
      const condition = conditionOf(header)
      const contentType = typeOf(body.type)
      const { lease } = query
      const outcome = await context.submit({
        kind: 'kv-put',
        at: clock.now(),
        namespace: uid,
        key,
        value: body.bytes,
        ...(contentType === OCTETS ? {} : { contentType }),
        ...(lease === undefined ? {} : { lease }),
        ...(condition === undefined ? {} : { condition }),
      })
      if (outcome.kind === 'rejected') throw new Problem(outcome.rejection.code, outcome.rejection.detail)
      const { index, value = {} } = outcome
      const { createIndex = index, version = 1 } = value
      const meta: KeyMeta = { key, createIndex, modIndex: index, version }
      if (lease !== undefined) meta.lease = lease
      return { status: version === 1 ? 201 : 200, body: meta, headers: { etag: `"${index}"` } }
    },

    async deleteKey({ path, header }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const condition = conditionOf(header)
      await submit(context, {
        kind: 'kv-delete',
        at: clock.now(),
        namespace: uid,
        key: path.key,
        ...(condition === undefined ? {} : { condition }),
      })
      return { status: 204 }
    },
  }
}

/** What somebody stored is data to whoever asks for it: never a page of this host, never a script. */
function headersOf({ contentType, createIndex, modIndex, version, lease }: KvEntry): ReplyHeaders {
  const headers: ReplyHeaders = {
    'content-type': contentType,
    'content-disposition': 'attachment',
    'content-security-policy': 'sandbox',
    etag: `"${modIndex}"`,
    'x-cronclave-create-index': String(createIndex),
    'x-cronclave-mod-index': String(modIndex),
    'x-cronclave-version': String(version),
  }
  if (lease !== '') headers['x-cronclave-lease'] = lease
  return headers
}

function conditionOf(header: { 'If-Match'?: string; 'If-None-Match'?: '*' }): KvCondition | undefined {
  const match = header['If-Match']
  if (header['If-None-Match'] !== undefined) {
    if (match !== undefined) throw wrong({ pointer: '#If-None-Match', detail: 'goes with no If-Match' })
    return 'absent'
  }
  if (match === undefined) return undefined
  return match === '*' ? 'present' : Number(match.slice(1, -1))
}

function typeOf(header: string | undefined): string {
  if (header === undefined || header === '' || header === OCTETS) return OCTETS
  if (CONTENT_TYPE.test(header)) return header
  throw wrong({ pointer: '#content-type', detail: 'must be a media type of at most 128 characters' })
}

const CONTENT_TYPE = /^(?=.{3,128}$)[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: *;[\x20-\x7e]*)?$/

function cursorOf(key: string): string {
  return Buffer.from(CURSOR_MARK + key).toString('base64url')
}

function keyOfCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  if (text.startsWith(CURSOR_MARK)) return text.slice(CURSOR_MARK.length)
  throw new Problem('invalid-cursor', undefined, [{ pointer: '?cursor', detail: 'is not one that this list returned' }])
}

function wrong(fault: Fault): Problem {
  return new Problem('invalid-request', undefined, [fault])
}
