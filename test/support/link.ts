import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** What a link does with what is sent over it. `hold`: nothing arrives, nothing breaks, what was sent arrives when it opens again. `break`: connections are reset, new ones too. */
export type LinkMode = { kind: 'open' } | { kind: 'delay'; ms: number } | { kind: 'hold' } | { kind: 'break' }

interface Pipe {
  dialled: Socket
  target: Socket
}

const OPEN: LinkMode = { kind: 'open' }

/** The way from one node to another, as a TCP proxy that can be cut: what the one dials to reach the other. */
export class Link {
  readonly #server: Server
  readonly #targetPort: number
  readonly #pipes = new Set<Pipe>()
  #mode: LinkMode = OPEN

  /** Listens on a free port of loopback, or on the one given, and forwards to `targetPort`. */
  static async open(targetPort: number, port = 0): Promise<Link> {
    const link = new Link(targetPort)
    link.#server.listen(port, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer({ noDelay: true }, (dialled) => this.#accept(dialled))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get mode(): LinkMode {
    return this.#mode
  }

  set(mode: LinkMode): void {
    this.#mode = mode
    for (const { dialled, target } of this.#pipes) {
      for (const socket of [dialled, target]) {
        if (mode.kind === 'break') socket.resetAndDestroy()
        else if (mode.kind === 'hold') socket.pause()
        else socket.resume()
      }
    }
  }

  close(): void {
    this.#server.close()
    for (const { dialled, target } of this.#pipes) for (const socket of [dialled, target]) socket.destroy()
  }

  #accept(dialled: Socket): void {
    if (this.#mode.kind === 'break') {
      dialled.on('error', () => undefined)
      dialled.resetAndDestroy()
      return
    }
    const target = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true })
    const pipe = { dialled, target }
    this.#pipes.add(pipe)
    this.#forward(pipe, dialled, target)
    this.#forward(pipe, target, dialled)
    if (this.#mode.kind === 'hold') for (const socket of [dialled, target]) socket.pause()
  }

  #forward(pipe: Pipe, from: Socket, to: Socket): void {
    const way = new OneWay(from, to, () => this.#mode)
    from.on('data', (chunk) => way.pass(chunk))
    from.on('error', () => undefined)
    // While a link holds, its sockets are not read, so an end is held like everything else.
    from.on('close', () => {
      this.#pipes.delete(pipe)
      to.destroy()
    })
  }
}

/** One direction of a connection. Chunks keep their order, whatever the delays of the moments at which they came. */
class OneWay {
  readonly #from: Socket
  readonly #to: Socket
  readonly #mode: () => LinkMode
  readonly #waiting: { chunk: Buffer; dueAt: number }[] = []

  constructor(from: Socket, to: Socket, mode: () => LinkMode) {
    this.#from = from
    this.#to = to
    this.#mode = mode
  }

  pass(chunk: Buffer): void {
    const mode = this.#mode()
    const delayMs = mode.kind === 'delay' ? mode.ms : 0
    if (delayMs === 0 && this.#waiting.length === 0) return this.#write(chunk)
    const dueAt = Math.max(performance.now() + delayMs, this.#waiting.at(-1)?.dueAt ?? 0)
    this.#waiting.push({ chunk, dueAt })
    if (this.#waiting.length === 1) this.#arm()
  }

  #arm(): void {
    const first = this.#waiting[0]
    if (first) setTimeout(() => this.#deliver(), Math.max(0, first.dueAt - performance.now()))
  }

  #deliver(): void {
    const now = performance.now()
    while (this.#waiting[0] && this.#waiting[0].dueAt <= now)
      this.#write((this.#waiting.shift() as { chunk: Buffer }).chunk)
    this.#arm()
  }

  #write(chunk: Buffer): void {
    if (this.#to.destroyed || this.#to.write(chunk)) return
    this.#from.pause()
    this.#to.once('drain', () => {
      if (this.#mode().kind !== 'hold') this.#from.resume()
    })
  }
}
