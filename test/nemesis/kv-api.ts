import type { Input, Output } from '../linearizability/history.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME, type Reply } from '../support/server.ts'

/** How a call ended: with an answer; without anybody having got it; or nobody can say. */
export type Ending = { kind: 'answered'; output: Output } | { kind: 'not-sent' } | { kind: 'unknown'; why: string }

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
    if (reply.status >= 500) return { kind: 'unknown', why: `${reply.status} ${reply.body?.code ?? ''}` }
    return { kind: 'answered', output: outputOf(input, reply) }
  } catch (error) {
    if (error instanceof Unexpected) throw error
    const { code = '', name = '' } = error as { code?: string; name?: string }
    return NOT_SENT.has(code) ? { kind: 'not-sent' } : { kind: 'unknown', why: code || name }
  }
}

/** An answer that no fault explains. */
export class Unexpected extends Error {
  override name = 'Unexpected'
}

interface Body {
  code?: string
  value?: string
  modIndex?: number
}

function request(
  node: ClusterNode,
  { key, input, token, withinMs }: { key: string; input: Input; token: string; withinMs: number },
): Promise<Reply<Body>> {
  const path = `${HOME}/kv/${key}`
  const options = { token, withinMs }
  switch (input.kind) {
    case 'get':
      return node.ask('GET', `${path}?consistency=linearizable`, options)
    case 'put':
      return node.ask('PUT', path, { ...options, body: { value: input.value } })
    case 'cas':
      return node.ask('PUT', path, { ...options, body: { value: input.value, expect: input.expect } })
    case 'delete':
      return node.ask('DELETE', path, options)
  }
}

function outputOf(input: Input, { status, body, headers }: Reply<Body>): Output {
  const index = Number(body?.modIndex ?? headers['x-cronclave-index'])
  if (status === 412 && input.kind === 'cas') return { kind: 'mismatch' }
  if (status === 404 && input.kind === 'get') return { kind: 'absent' }
  if (status === 404 && input.kind === 'delete') return { kind: 'deleted', existed: false }
  if (status < 300 && input.kind === 'get' && body?.value !== undefined)
    return { kind: 'value', value: body.value, index }
  if (status < 300 && input.kind === 'delete') return { kind: 'deleted', existed: true }
  if (status < 300 && input.kind !== 'get') return { kind: 'written', index }
  throw new Unexpected(`${input.kind}: ${status} ${JSON.stringify(body)?.slice(0, 300)}`)
}
