import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeIncoming } from './incoming.ts'
import type { PlainReply } from './reply.ts'
import type { Served } from './contract.ts'

/** Answers a request at once when it is for an operation that needs no stream; false when it is for the router. */
export type Direct = (message: IncomingMessage, response: ServerResponse) => boolean

/**
 * The short way of operations that read and answer plain bytes: the same judging, the same handlers and the same replies as
 * through the router of the web, without the objects that it takes. Whatever is unusual about a path (dots, empty or
 * malformed parts, other methods) goes to the router, so that there is one answer to it.
 */
export function createDirect(served: readonly Served[]): Direct {
  const root: Branch = newBranch()
  for (const operation of served) graft(root, operation)
  return (message, response) => {
    const found = message.headers.host === undefined ? undefined : find(root, message.method ?? '', message.url ?? '')
    if (!found) return false
    void found.operation.serve(new NodeIncoming(message, response), found.parts).then((reply) => send(response, reply))
    return true
  }
}

interface Branch {
  readonly named: Map<string, Branch>
  part?: { readonly name: string; readonly branch: Branch }
  readonly operations: Map<string, Served>
}

function newBranch(): Branch {
  return { named: new Map(), operations: new Map() }
}

function graft(root: Branch, operation: Served): void {
  let branch = root
  for (const segment of operation.path.split('/').slice(1)) {
    if (segment.startsWith(':')) {
      branch.part ??= { name: segment.slice(1), branch: newBranch() }
      branch = branch.part.branch
      continue
    }
    let next = branch.named.get(segment)
    if (!next) branch.named.set(segment, (next = newBranch()))
    branch = next
  }
  branch.operations.set(operation.method, operation)
}

function find(root: Branch, method: string, url: string) {
  const query = url.indexOf('?')
  const end = query < 0 ? url.length : query
  const parts: Record<string, string> = {}
  let branch = root
  let start = 1
  if (url.charCodeAt(0) !== SLASH) return undefined
  while (start <= end) {
    const slash = url.indexOf('/', start)
    const stop = slash < 0 || slash > end ? end : slash
    const segment = url.slice(start, stop)
    start = stop + 1
    const next = branch.named.get(segment)
    if (next) {
      branch = next
      continue
    }
    const text = branch.part && plainText(segment)
    if (!branch.part || text === undefined) return undefined
    parts[branch.part.name] = text
    branch = branch.part.branch
  }
  const operation = branch.operations.get(method)
  return operation && { operation, parts }
}

/** A part of a path as it is meant; undefined for one that the rules of URLs would change, or that is malformed. */
function plainText(segment: string): string | undefined {
  if (segment === '' || ODD.test(segment)) return undefined
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const SLASH = 0x2f
/** Dots alone, however they are written, and what URLs take for something else. */
const ODD = /^(?:\.|%2e){1,2}$|[#\\\s]/i

function send(response: ServerResponse, { status, headers, body }: PlainReply): void {
  if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body))
  response.writeHead(status, headers).end(body)
}
