import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent } from 'undici'
import type { Child, Ended } from './child.ts'
import { parsed, type Reply, spawnServer } from './server.ts'

/** Connections that are kept to a node. */
const CONNECTIONS = 256

export interface NodeOptions {
  name: string
  folder: string
  port: number
  flags: readonly string[]
  env: Record<string, string>
}

/** A node of a cluster in a process of its own, which may be started again, killed and paused. */
export class ClusterNode {
  readonly name: string
  readonly folder: string
  readonly url: string
  readonly #options: NodeOptions
  #agent = newAgent()
  #child: Child | undefined
  #isPaused = false

  constructor(options: NodeOptions) {
    this.name = options.name
    this.folder = options.folder
    this.url = `http://127.0.0.1:${options.port}`
    this.#options = options
    mkdirSync(options.folder, { recursive: true })
  }

  get child(): Child {
    if (!this.#child) throw new Error(`${this.name} was never started`)
    return this.#child
  }

  get isUp(): boolean {
    return this.#child !== undefined && !this.#child.hasEnded
  }

  get hasRun(): boolean {
    return this.#child !== undefined
  }

  get isPaused(): boolean {
    return this.#isPaused && this.isUp
  }

  /** Starts it on its folder, for the first time or again, of another build too. `more` are flags of this start. */
  start(more: readonly string[] = [], bin?: string): void {
    if (this.isUp) throw new Error(`${this.name} is up`)
    const { folder, port, flags, env } = this.#options
    this.#isPaused = false
    this.#child = spawnServer({ folder, port, flags: [...flags, ...more], env, bin })
  }

  /** Ends it and waits for its end. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    const ended = await this.child.stop(signal)
    const old = this.#agent
    this.#agent = newAgent()
    await old.destroy()
    return ended
  }

  pause(): void {
    this.#isPaused = true
    this.child.signal('SIGSTOP')
  }

  resume(): void {
    this.#isPaused = false
    if (this.isUp) this.child.signal('SIGCONT')
  }

  /** The token of the first administrator, which one node of a cluster writes into its folder. */
  adminToken(): string | undefined {
    try {
      return readFileSync(join(this.folder, 'admin.token'), 'utf8').trim() || undefined
    } catch {
      return undefined
    }
  }

  /** Calls the API and hands back whatever it says. Rejects when nobody answers in time. */
  async ask<T>(
    method: string,
    path: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string>; withinMs?: number } = {},
  ): Promise<Reply<T>> {
    const { token, body, headers = {}, withinMs = 10_000 } = options
    const raw = typeof body === 'string' || Buffer.isBuffer(body)
    const reply = await this.#agent.request({
      origin: this.url,
      path,
      method,
      signal: AbortSignal.timeout(withinMs),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    })
    const text = await reply.body.text()
    return { status: reply.statusCode, headers: reply.headers, body: parsed(text) as T }
  }

  async close(): Promise<void> {
    if (this.isUp) await this.end()
    await this.#agent.destroy()
  }
}

function newAgent(): Agent {
  return new Agent({ connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 30_000, connectTimeout: 5000 })
}
