import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { Child, type Ended } from './child.ts'

const BIN = 'control-plane/dist/cli/main.js'
/** Everything of the tenant that tests use. */
export const HOME = '/v1/namespaces/default'

export interface ServerOptions {
  folder: string
  /** 0 takes a free one. @default 0 */
  port?: number
  flags?: readonly string[]
  env?: Record<string, string>
  /** The command line to start, when it is not that of this build. */
  bin?: string | undefined
}

export interface Reply<T> {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: T
}

/** The API refused: the problem document and where. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  readonly code: string

  constructor(what: string, { status, body }: Reply<unknown>) {
    super(`${what}: ${status} ${JSON.stringify(body)?.slice(0, 1000)}`)
    this.status = status
    this.code = (body as { code?: string } | undefined)?.code ?? ''
  }
}

/** Starts `cronclave server` without waiting for it to serve. */
export function spawnServer({ folder, port = 0, flags = [], env, bin = BIN }: ServerOptions): Child {
  const always = ['--data-folder', folder, '--listen-port', String(port), '--log-level', 'warn']
  return new Child([bin, 'server', ...always, '--egress-allow-loopback', 'true', ...flags], env)
}

/** A control plane in a process of its own, as its users start it, and the calls of its API. */
export class Server {
  readonly child: Child
  readonly url: string
  readonly token: string
  readonly #agent = new Agent({ connections: 64, keepAliveTimeout: 30_000, pipelining: 1 })

  /** Resolves when it serves; rejects with what it said when it ends before. */
  static async start(options: ServerOptions): Promise<Server> {
    const child = spawnServer(options)
    const [, url = ''] = await child.says(/listens on (\S+)\n[^]*^Data\s/m)
    return new Server(child, url, (await readFile(join(options.folder, 'admin.token'), 'utf8')).trim())
  }

  private constructor(child: Child, url: string, token: string) {
    this.child = child
    this.url = url
    this.token = token
  }

  /** Calls the API. Throws `Refused` with the problem document. */
  async call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const reply = await this.ask<T>(method, path, body, headers)
    if (reply.status >= 300) throw new Refused(`${method} ${path}`, reply)
    return reply.body
  }

  /** Calls the API and hands back whatever it says. A string or a buffer is sent as it is. */
  async ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply<T>> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body)
    const reply = await request(`${this.url}${path}`, {
      method: method as 'GET',
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    })
    const text = await reply.body.text()
    return { status: reply.statusCode, headers: reply.headers, body: parsed(text) as T }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    const ended = await this.child.stop(signal)
    await this.#agent.destroy()
    return ended
  }
}

/** JSON, or the text when it is none. */
export function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Does something with every item, at most `width` at once. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < items.length) await task(items[next++] as T)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

export function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - Date.now())))
}
