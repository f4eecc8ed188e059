import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '../problems.ts'
import { assert } from '../runtime/assert.ts'

/** A request as operations read it, whoever carries it: the web's Request, or Node's own, which costs a tenth of that. */
export interface Incoming {
  readonly method: string
  /** Path and query; may begin with an origin. */
  readonly url: string
  readonly host: string
  /** By its lower-case name. */
  header(name: string): string | undefined
  /** Aborts when the caller has gone away. */
  signal(): AbortSignal
  /** The whole body. Rejects with a Problem when it is larger, or ended early. */
  read(bytesMax: number): Promise<Uint8Array>
  /** For the few operations that hand it on; only those that answer with a stream or a page may ask. */
  web(): Request
}

export function webIncoming(request: Request): Incoming {
  const { headers } = request
  return {
    method: request.method,
    url: request.url,
    host: headers.get('host') ?? new URL(request.url).host,
    header: (name) => headers.get(name) ?? undefined,
    signal: () => request.signal,
    read: (bytesMax) => (headers.has('content-length') ? readWhole(request) : readCapped(request, bytesMax)),
    web: () => request,
  }
}

/** Of a request that names its host. */
export class NodeIncoming implements Incoming {
  readonly method: string
  readonly url: string
  readonly host: string
  readonly #message: IncomingMessage
  readonly #response: ServerResponse

  constructor(message: IncomingMessage, response: ServerResponse) {
    this.#message = message
    this.#response = response
    this.method = message.method ?? ''
    this.url = message.url ?? ''
    this.host = message.headers.host ?? ''
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name]
    return typeof value === 'object' ? value.join(', ') : value
  }

  signal(): AbortSignal {
    const controller = new AbortController()
    // Of the response, which goes with its request: a connection outlives many, and would gather listeners.
    this.#response.once('close', () => controller.abort())
    if (this.#response.closed || this.#message.socket.destroyed) controller.abort()
    return controller.signal
  }

  read(bytesMax: number): Promise<Uint8Array> {
    const message = this.#message
    return new Promise((resolve, reject) => {
      let whole: Buffer | undefined
      let length = 0
      message.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > bytesMax) {
          message.removeAllListeners('data').resume()
          reject(tooLarge(bytesMax))
        } else whole = whole === undefined ? chunk : Buffer.concat([whole, chunk])
      })
      message.on('end', () => resolve(whole ?? EMPTY))
      message.on('error', () => reject(endedEarly()))
      // Comes after every request; those that did not end are never complete.
      message.on('close', () => {
        if (!message.complete) reject(endedEarly())
      })
    })
  }

  web(): Request {
    assert(false, 'operations that answer with a stream are given the request of the web')
  }
}

const EMPTY = new Uint8Array()

async function readWhole(request: Request): Promise<Uint8Array> {
  try {
    return new Uint8Array(await request.arrayBuffer())
  } catch {
    throw endedEarly()
  }
}

async function readCapped(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (!request.body) return EMPTY
  const chunks: Uint8Array[] = []
  let length = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw endedEarly()
    })
    if (done) return Buffer.concat(chunks)
    length += value.length
    if (length > bytesMax) {
      void reader.cancel().catch(() => undefined)
      throw tooLarge(bytesMax)
    }
    chunks.push(value)
  }
}

export function tooLarge(bytesMax: number): Problem {
  return new Problem('body-too-large', `the limit is ${bytesMax} bytes`)
}

function endedEarly(): Problem {
  return new Problem('invalid-json', 'the body ended early')
}
