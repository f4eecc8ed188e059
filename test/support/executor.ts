import { createServer, type IncomingMessage, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createExecutor, type Executor, type JobContext, type JsonObject } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'

/** A `run.dispatch` as it arrived, before the SDK looked at it. */
export interface Dispatched {
  at: number
  run: string
  attempt: string
  ordinal: number
  supersedes: string[]
  job: string
  executor: string
  fireTime: number
  token: number
  signatures: number
}

/** A call of the handler. */
export interface Handled {
  at: number
  endedAt?: number
  run: string
  attempt: string
  job: string
  fireTime: number
  token: number
  params: Params
  shard: { index: number; total: number; items: readonly string[] }
  /** The run that started this one, and what it gave back. */
  parent?: { runId: string; result: unknown }
  /** Name of the reason for which its signal aborted. */
  aborted?: string
}

/** A request to `/http`, the endpoint without the SDK. */
export interface Hit {
  at: number
  endedAt?: number
  run: string
  attempt: string
  fireTime: number
  token: number
  method: string
  url: string
  body: string
}

export interface Seen {
  dispatched: Dispatched[]
  handled: Handled[]
  hits: Hit[]
}

/** What the handler `work` is asked to do. */
export interface Params {
  /** How long it works. @default 0 */
  ms?: number
  /** The first calls for a run that fail. @default 0 */
  fails?: number
  /** Ids of executors on which every call fails. */
  failsOn?: string[]
  /** Goes on although its signal aborts. */
  deaf?: boolean
  [other: string]: unknown
}

export interface TestExecutor {
  /** Of the SDK. */
  url: string
  /** Of the endpoint without the SDK; `?ms=` says how long it takes, `?status=` what it answers. */
  httpUrl: string
  seen: Seen
  executor: Executor
  close(): Promise<void>
}

/** An executor with the SDK and a plain endpoint on one port, and everything that both have seen. */
export async function startExecutor(options: {
  secret: string | string[]
  service?: string
  id?: string
}): Promise<TestExecutor> {
  const { secret, service = 'e2e', id } = options
  const seen: Seen = { dispatched: [], handled: [], hits: [] }
  const executor = createExecutor({ service, secret, logger: false, ...(id === undefined ? {} : { id }) })
  executor.job('work', (ctx) => work(ctx, seen, id))
  const handle = node(executor)
  const server = createServer((request, response) => {
    if (request.url === '/seen') response.end(JSON.stringify(seen))
    else if (request.url?.startsWith('/http'))
      void hit(request, seen).then(([status, body]) => response.writeHead(status).end(body))
    else {
      note(request, seen)
      handle(request, response)
    }
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: `${url}/sdk`, httpUrl: `${url}/http`, seen, executor, close: () => closed(server) }
}

async function work(ctx: JobContext<JsonObject>, seen: Seen, id = ''): Promise<{ run: string; did: number }> {
  const params = ctx.params as Params
  const earlier = seen.handled.filter(({ run }) => run === ctx.runId).length
  const call: Handled = {
    at: Date.now(),
    run: ctx.runId,
    attempt: ctx.attemptId,
    job: ctx.job,
    fireTime: ctx.fireTime.getTime(),
    token: Number(ctx.fencingToken),
    params,
    shard: { index: ctx.shard.index, total: ctx.shard.total, items: ctx.shard.items ?? [] },
    ...(ctx.parent === undefined ? {} : { parent: ctx.parent }),
  }
  seen.handled.push(call)
  ctx.log.info('at work', { attempt: ctx.attempt })
  ctx.signal.addEventListener('abort', () => (call.aborted = (ctx.signal.reason as Error).name), { once: true })
  try {
    await pause(params.ms ?? 0, params.deaf ? undefined : ctx.signal)
    if (earlier < (params.fails ?? 0) || params.failsOn?.includes(id)) throw new Error('asked to fail')
    return { run: ctx.runId, did: earlier + 1 }
  } finally {
    call.endedAt = Date.now()
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}

/** Reads a dispatch as it passes by; the SDK reads the same request. */
function note(request: IncomingMessage, seen: Seen): void {
  const at = Date.now()
  const signatures = String(request.headers['webhook-signature'] ?? '').split(' ').length
  void bodyOf(request).then((text) => {
    const { type, data } = JSON.parse(text) as { type: string; data: Record<string, unknown> }
    if (type !== 'run.dispatch') return
    seen.dispatched.push({
      at,
      run: String(data['runId']),
      attempt: String(data['attemptId']),
      ordinal: Number(data['attempt']),
      supersedes: data['supersedes'] as string[],
      job: String(data['job']),
      executor: String(data['executor']),
      fireTime: Date.parse(String(data['fireTime'])),
      token: Number(data['fencingToken']),
      signatures,
    })
  })
}

async function hit(request: IncomingMessage, seen: Seen): Promise<[status: number, body: string]> {
  const { headers, method = '', url = '' } = request
  const query = new URL(url, 'http://localhost').searchParams
  const one: Hit = {
    at: Date.now(),
    run: String(headers['cronclave-run-id']),
    attempt: String(headers['cronclave-attempt-id']),
    fireTime: Date.parse(String(headers['cronclave-fire-time'])),
    token: Number(headers['cronclave-fencing-token']),
    method,
    url,
    body: '',
  }
  seen.hits.push(one)
  one.body = await bodyOf(request)
  await pause(Number(query.get('ms') ?? 0), undefined)
  one.endedAt = Date.now()
  return [Number(query.get('status') ?? 200), '{"ok":true}']
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(request, 'end').catch(() => undefined)
  return Buffer.concat(chunks).toString('utf8')
}

async function closed(server: Server): Promise<void> {
  const end = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await end
}
