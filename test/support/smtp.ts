import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** A mail as it arrived. */
export interface ArrivedMail {
  from: string
  /** Whom the server took it for. */
  to: string[]
  raw: string
  mail: ParsedMail
  /** Epoch milliseconds. */
  at: number
}

export interface MailServerOptions {
  /** Offers STARTTLS, or speaks TLS at once. */
  tls?: { cert: string; key: string; atOnce?: boolean }
  /** Asks for this login. */
  login?: { user: string; password: string }
  /** Code for a recipient that is refused: 550 for good, 451 for now. */
  refuses?: (recipient: string) => number | undefined
  /** Code for a message that is refused once it has been read. */
  refusesMessage?: () => number | undefined
  /** Answers a message that was taken only after this. */
  answersAfter?: () => Promise<void>
}

/** A mail server on loopback that keeps what arrives. */
export class MailServer {
  readonly mails: ArrivedMail[] = []
  readonly #server: SMTPServer
  readonly #waiting = new Set<() => void>()
  /** Connections that were made. */
  connections = 0

  private constructor({ tls, login, refuses, refusesMessage, answersAfter }: MailServerOptions) {
    const options: SMTPServerOptions = {
      ...(tls ? { cert: tls.cert, key: tls.key, secure: tls.atOnce ?? false } : { disabledCommands: ['STARTTLS'] }),
      ...(login ? { allowInsecureAuth: true } : { authOptional: true }),
      onAuth({ username, password }, _session, done) {
        if (login && username === login.user && password === login.password) return done(null, { user: username })
        done(Object.assign(new Error('Invalid username or password'), { responseCode: 535 }))
      },
      onRcptTo({ address }, _session, done) {
        const code = refuses?.(address)
        if (code === undefined) done()
        else done(Object.assign(new Error(`mailbox of ${address} is not available`), { responseCode: code }))
      },
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => {
          const code = refusesMessage?.()
          if (code !== undefined) return done(Object.assign(new Error('not this one'), { responseCode: code }))
          const raw = Buffer.concat(chunks)
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
          const to = envelope.rcptTo.map(({ address }) => address)
          void simpleParser(raw).then((mail) => {
            this.mails.push({ from, to, raw: raw.toString('latin1'), mail, at: Date.now() })
            for (const wake of this.#waiting) wake()
            void (answersAfter?.() ?? Promise.resolve()).then(() => done())
          })
        })
      },
    }
    this.#server = new SMTPServer(options)
    this.#server.on('error', () => undefined)
    this.#server.server.on('connection', () => (this.connections += 1))
  }

  static async start(options: MailServerOptions = {}, port = 0): Promise<MailServer> {
    const server = new MailServer(options)
    server.#server.listen(port, '127.0.0.1')
    await once(server.#server.server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  /** Resolves once `count` mails are there. */
  async arrived(count: number): Promise<ArrivedMail[]> {
    while (this.mails.length < count) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      })
    }
    return this.mails
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}

/** Ends the connection, in place of an answer. */
export const DROP = Symbol('drop')
type Script = (line: string) => string | typeof DROP | undefined

/** A server that speaks as a script has it: what it says at first, and to each line. */
export class ScriptedServer {
  readonly lines: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(greeting: string | undefined, answer: Script) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
      if (greeting !== undefined) socket.write(`${greeting}\r\n`)
      let rest = ''
      socket.on('data', (chunk) => {
        const parts = (rest + chunk.toString('latin1')).split('\r\n')
        rest = parts.pop() ?? ''
        for (const line of parts) {
          this.lines.push(line)
          const reply = answer(line)
          if (reply === DROP) return void socket.destroy()
          if (reply !== undefined) socket.write(`${reply}\r\n`)
        }
      })
    })
  }

  static async start(greeting: string | undefined, answer: Script): Promise<ScriptedServer> {
    const server = new ScriptedServer(greeting, answer)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
