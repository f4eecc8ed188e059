import type { Input, Output } from '../linearizability/history.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME, type Reply } from '../support/server.ts'

/** How a call ended: with an answer; without any effect, as nobody got it or nobody led; or nobody can say. */
export type Ending = { kind: 'answered'; output: Output } | { kind: 'no-effect' } | { kind: 'unknown'; why: string }

/** Errors of a connection that was never made. */
const NOT_SENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'])

/** Asks a node for one operation on a key. Throws when the node answers what it never may. */
export async function askKv(
  node: ClusterNode,
  token: string,
  { key, input, withinMs }: { key: string; input: Input; withinMs: number },
): Promise<Ending> {
  try {
    const reply = await request(node, { key, input, token, withinMs })
    if (codeOf(reply.body) === 'not-leader') return { kind: 'no-effect' }
    if (reply.status >= 500) return { kind: 'unknown', why: `${reply.status} ${codeOf(reply.body)}` }
    return { kind: 'answered', output: outputOf(input, reply) }
  } catch (error) {
    if (error instanceof Unexpected) throw error
    const { code, name = '' } = error as { code?: unknown; name?: string }
    if (typeof code !== 'string') return { kind: 'unknown', why: name }
    return NOT_SENT.has(code) ? { kind: 'no-effect' } : { kind: 'unknown', why: code }
  }
}

/** An answer that no fault explains. */
export class Unexpected extends Error {
  override name = 'Unexpected'
}

interface Body {
  code?: string
  modIndex?: number
}

function request(
  node: ClusterNode,
  { key, input, token, withinMs }: { key: string; input: Input; token: string; withinMs: number },
): Promise<Reply<Body | string | undefined>> {
  const path = `${HOME}/kv/${key}`
  const options = { token, withinMs }
  const text = { 'content-type': 'text/plain' }
  switch (input.kind) {
    case 'get':
      return node.ask('GET', `${path}?consistency=linearizable`, options)
    case 'put':
      return node.ask('PUT', path, { ...options, body: input.value, headers: text })
    case 'cas': {
      const condition = input.expect === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${input.expect}"` }
      return node.ask('PUT', path, { ...options, body: input.value, headers: { ...text, ...condition } })
    }
    case 'delete':
      return node.ask('DELETE', path, options)
  }
}

function outputOf(input: Input, { status, body, headers }: Reply<Body | string | undefined>): Output {
  if (input.kind === 'get') {
    if (status === 404 && codeOf(body) === 'key-not-found') return { kind: 'absent' }
    const index = Number(headers['x-cronclave-mod-index'])
    if (status === 200 && typeof body === 'string' && index > 0) return { kind: 'value', value: body, index }
  } else if (input.kind === 'delete') {
    if (status === 204) return { kind: 'deleted', existed: true }
    if (status === 404 && codeOf(body) === 'key-not-found') return { kind: 'deleted', existed: false }
  } else {
    if (status === 412 && input.kind === 'cas') return { kind: 'mismatch' }
    const index = typeof body === 'object' ? body.modIndex : undefined
    if (status < 300 && index !== undefined) return { kind: 'written', index }
  }
  throw new Unexpected(`${input.kind}: ${status} ${JSON.stringify(body)?.slice(0, 300)}`)
}

function codeOf(body: Body | string | undefined): string {
  return typeof body === 'object' ? (body.code ?? '') : ''
}
