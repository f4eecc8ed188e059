import type { Socket } from 'node:net'
import { createTransport, type SMTPPoolOptions, type SMTPPoolSentMessageInfo, type Transporter } from 'nodemailer'
import type { Clock } from '../../runtime/clock.ts'
import type { AlertText, Channel, ChannelTarget, Sent } from '../channel.ts'
import { mailHtml, mailText } from './mail-body.ts'
import { judgeRefused, judgeTaken } from './mail-outcome.ts'

/** Until the connection, the greeting and TLS stand, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000
const GREETING_TIMEOUT_MS = 5000
/** Of silence. */
const SOCKET_TIMEOUT_MS = 10_000
/** A whole mail: a server that trickles its replies is never silent. */
const MAIL_TIMEOUT_MS = 20_000
const CONNECTIONS_MAX = 2
const IDLE_TIMEOUT_MS = 30_000
/** Channels whose connections are kept; those least recently used are closed. */
const POOLS_MAX = 64

export type MailTarget = Extract<ChannelTarget, { kind: 'email' }>

export interface MailerDeps {
  clock: Clock
  /** Opens a connection that the egress policy allows. */
  dial(host: string, port: number): Promise<Socket>
  /** Certificates that are trusted instead of the machine's roots, PEM. */
  ca?: string | string[]
}

interface Pool {
  version: number
  transport: Transporter<SMTPPoolSentMessageInfo>
}

/** Sends mails by SMTP over connections that are kept, a pool for each channel as it is configured now. */
export class Mailer {
  readonly #deps: MailerDeps
  /** By uid of the channel, in the order of use. */
  readonly #pools = new Map<number, Pool>()

  constructor(deps: MailerDeps) {
    this.#deps = deps
  }

  async send(channel: Channel, target: MailTarget, password: string | undefined, text: AlertText): Promise<Sent> {
    const { clock } = this.#deps
    const giveUp = new AbortController()
    const cancelTimer = clock.after(MAIL_TIMEOUT_MS, () => giveUp.abort())
    try {
      const { transport } = this.#poolOf(channel, target, password)
      const mail = { ...mailOf(target, text, clock.now()), signal: giveUp.signal }
      return judgeTaken(await transport.sendMail(mail), target.to)
    } catch (error) {
      return giveUp.signal.aborted
        ? { kind: 'retry', error: 'the server did not take it in time' }
        : judgeRefused(error)
    } finally {
      cancelTimer()
    }
  }

  close(): void {
    for (const { transport } of this.#pools.values()) transport.close()
    this.#pools.clear()
  }

  #poolOf({ uid, version }: Channel, target: MailTarget, password: string | undefined): Pool {
    let pool = this.#pools.get(uid)
    this.#pools.delete(uid)
    if (pool?.version !== version) {
      pool?.transport.close()
      pool = { version, transport: this.#open(target, password) }
    }
    this.#pools.set(uid, pool)
    const [oldest] = this.#pools
    if (this.#pools.size > POOLS_MAX && oldest) {
      oldest[1].transport.close()
      this.#pools.delete(oldest[0])
    }
    return pool
  }

  #open({ host, port, security, user }: MailTarget, password = ''): Transporter<SMTPPoolSentMessageInfo> {
    const { ca, dial } = this.#deps
    const options: SMTPPoolOptions & { pool: true } = {
      pool: true,
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      // Said outright, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
      tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
      ...(user === undefined ? {} : { auth: { user, pass: password } }),
      getSocket(_options, done) {
        dial(host, port).then(
          (connection) => done(null, { connection }),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), false),
        )
      },
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: GREETING_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      socketCloseTimeout: 0,
      maxConnections: CONNECTIONS_MAX,
      idleTimeout: IDLE_TIMEOUT_MS,
      // Only what certainly did not leave goes out again at once.
      maxRequeues: 1,
      disableFileAccess: true,
      disableUrlAccess: true,
    }
    return createTransport(options)
  }
}

/** The mail of a message. Its id is the episode's for the first, so that what follows stands in one thread. */
function mailOf({ from, to }: MailTarget, text: AlertText, now: number) {
  const domain = /@([A-Za-z0-9.-]+)$/.exec(from)?.[1] ?? 'cronclave.invalid'
  const thread = `<${text.key.replace(/[^A-Za-z0-9_-]/g, '-')}.${text.cluster.replace(/[^A-Za-z0-9_-]/g, '-')}@${domain}>`
  const isFirst = text.kind === 'firing'
  return {
    from: { name: 'Cronclave', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject: text.title,
    text: mailText(text),
    html: mailHtml(text),
    date: new Date(now),
    messageId: isFirst ? thread : `<${text.id}@${domain}>`,
    ...(text.kind === 'resolved' || text.kind === 'repeated' ? { inReplyTo: thread, references: [thread] } : {}),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  }
}
