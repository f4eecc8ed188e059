import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientPaths, Problem } from '@cronclave/openapi'
import createClient, { type Client as FetchClient } from 'openapi-fetch'
import { CommandFault, EXIT, faultOf } from './exit.ts'
import type { Io } from './io.ts'
import { fetchOver } from './tls-fetch.ts'

export interface ClientOptions {
  endpoint?: string[]
  tokenFile?: string
  /** PEM files. */
  ca?: string
  cert?: string
  key?: string
}

export const ENDPOINT = 'http://127.0.0.1:7420'
/** How long an endpoint may take to answer. */
const TIMEOUT_MS = 30_000
/** How long a command that is being ended may take to say so. */
const FAREWELL_MS = 3000
/** Faults before any byte of a request was sent: another endpoint can be asked without asking twice. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The server's certificate was not accepted, so it was sent nothing. */
const UNTRUSTED = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_)/

/** The management API as commands use it: typed by the contract, endpoints tried in turn, problems thrown as faults. */
export class Client {
  readonly api: FetchClient<ClientPaths>
  readonly #io: Io
  readonly #fetch: typeof fetch
  readonly #endpoints: string[]
  readonly #token: string

  constructor(io: Io, options: ClientOptions) {
    this.#io = io
    this.#fetch = fetchOver(io, options)
    this.#endpoints = endpointsOf(io.env, options)
    this.#token = tokenOf(io.env, options, this.#endpoints)
    this.api = createClient<ClientPaths>({
      baseUrl: this.#endpoints[0] ?? ENDPOINT,
      fetch: (request) => this.fetch(request),
    })
  }

  /** Origins, in the order in which they are tried. */
  get endpoints(): readonly string[] {
    return this.#endpoints
  }

  /** The reply's data, or the fault that its problem document is. */
  async ask<T>(reply: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
    const { data, error, response } = await reply
    if (!response.ok) throw faultOf(response.status, error as Problem | undefined)
    return data as T
  }

  /**
   * Sends a request to the first endpoint that takes it. Streams have no time limit; a farewell is sent although the
   * command is being ended.
   */
  async fetch(request: Request, { stream = false, farewell = false } = {}): Promise<Response> {
    const url = new URL(request.url)
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
    const headers = new Headers(request.headers)
    headers.set('authorization', `Bearer ${this.#token}`)
    const faults: string[] = []
    for (const endpoint of this.#endpoints) {
      const signal = this.#signalFor(stream, farewell)
      try {
        const init = { method: request.method, headers, redirect: 'error' as const, signal, ...(body ? { body } : {}) }
        return await this.#fetch(new URL(url.pathname + url.search, endpoint), init)
      } catch (error) {
        if (this.#io.signal.aborted) throw error
        faults.push(`${endpoint}: ${reason(error)}`)
        if (!mayAskAgain(request.method, error)) {
          throw new CommandFault(
            EXIT.unavailable,
            'The connection broke; the change may or may not have been made.',
            faults,
          )
        }
      }
    }
    throw new CommandFault(EXIT.unavailable, 'No endpoint answers. Is the server running?', faults)
  }

  #signalFor(stream: boolean, farewell: boolean): AbortSignal {
    if (farewell) return AbortSignal.timeout(FAREWELL_MS)
    return stream ? this.#io.signal : AbortSignal.any([this.#io.signal, AbortSignal.timeout(TIMEOUT_MS)])
  }
}

/** Origins, from the options or the environment. */
export function endpointsOf(env: Io['env'], { endpoint = [] }: Pick<ClientOptions, 'endpoint'>): string[] {
  const given = endpoint.length > 0 ? endpoint : (env['CRONCLAVE_ENDPOINT'] ?? ENDPOINT).split(',')
  return given.map((text) => {
    const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin
    throw new CommandFault(EXIT.usage, `"${text}" is not an endpoint such as ${ENDPOINT}`)
  })
}

/** The token of a file or the environment; for a server on this machine, the one in its data folder. */
function tokenOf(env: Io['env'], { tokenFile }: ClientOptions, endpoints: string[]): string {
  if (tokenFile === undefined && env['CRONCLAVE_TOKEN']) return env['CRONCLAVE_TOKEN'].trim()
  const named = tokenFile ?? env['CRONCLAVE_TOKEN_FILE']
  const local = endpoints.every((endpoint) =>
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(endpoint).hostname),
  )
  const path = named ?? (local ? join(env['CRONCLAVE_DATA_FOLDER'] ?? 'cronclave-data', 'admin.token') : undefined)
  const advice = 'Give --token-file, or set CRONCLAVE_TOKEN or CRONCLAVE_TOKEN_FILE.'
  if (path === undefined) throw new CommandFault(EXIT.forbidden, `A token is needed. ${advice}`)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new CommandFault(EXIT.forbidden, `The token cannot be read: ${(error as Error).message}. ${advice}`)
  }
}

function mayAskAgain(method: string, error: unknown): boolean {
  return method === 'GET' || NOT_SENT.has(codeOf(error)) || UNTRUSTED.test(codeOf(error))
}

function codeOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; errors?: { code?: string }[] } }).cause
  return cause?.code ?? cause?.errors?.[0]?.code ?? ''
}

function reason(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`
  const cause = (error as { cause?: Error }).cause
  return codeOf(error) || (cause?.message ?? (error as Error).message)
}
