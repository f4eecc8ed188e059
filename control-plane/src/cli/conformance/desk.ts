import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../../runtime/clock.ts'

const REPORT_BYTES_MAX = 1024 * 1024
/** Reports kept of one attempt. */
const REPORTS_MAX = 1000
/** How long callbacks may be used, in milliseconds. */
const CALLBACK_MS = 600_000
const LEASE_TTL_MS = 30_000

/** What was reported of an attempt. */
export interface Report {
  verb: string
  body: Record<string, unknown>
}

/** What a report is answered. */
export interface ReportAnswer {
  status: number
  body: object
}

export const CONTINUE: ReportAnswer = { status: 200, body: { answer: 'continue', leaseTtlMs: LEASE_TTL_MS } }

/** An attempt whose reports are awaited. */
export class Watched {
  readonly callback: { url: string; token: string; expiresAt: string }
  readonly reports: Report[] = []
  /** Reports that came with another token than the attempt's. */
  strangers = 0
  /** What the next report is answered. */
  answer: (report: Report) => ReportAnswer = () => CONTINUE
  readonly #clock: Clock
  #news = () => {}

  constructor(base: string, attempt: string, clock: Clock) {
    this.#clock = clock
    const token = randomBytes(24).toString('base64url')
    const expiresAt = new Date(clock.now() + CALLBACK_MS).toISOString()
    this.callback = { url: `${base}/v1/attempts/${attempt}`, token, expiresAt }
  }

  of(verb: string): Report[] {
    return this.reports.filter((report) => report.verb === verb)
  }

  /** The report with this number of its kind, from 1; nothing when it does not come in time. */
  async wait(verb: string, number: number, withinMs: number): Promise<Report | undefined> {
    let late = false
    const stop = this.#clock.after(withinMs, () => {
      late = true
      this.#news()
    })
    while (!late && this.of(verb).length < number) await new Promise<void>((resolve) => (this.#news = resolve))
    stop()
    return this.of(verb)[number - 1]
  }

  take(report: Report, authorization: string | undefined): ReportAnswer {
    if (authorization !== `Bearer ${this.callback.token}`) {
      this.strangers++
      return { status: 401, body: { code: 'unauthenticated', status: 401 } }
    }
    if (this.reports.length < REPORTS_MAX) this.reports.push(report)
    const answer = this.answer(report)
    this.#news()
    return answer
  }
}

/** The kit's own server: what an issuer publishes, and the callbacks of attempts. */
export class Desk {
  readonly url: string
  jwks: object = { keys: [] }
  readonly #server: Server
  readonly #clock: Clock
  readonly #attempts = new Map<string, Watched>()

  /** Listens; `url` is how executors reach it. Rejects when the address is taken. */
  static async open(host: string, port: number, url: string | undefined, clock: Clock): Promise<Desk> {
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    return new Desk(server, url, clock)
  }

  private constructor(server: Server, url: string | undefined, clock: Clock) {
    const address = server.address()
    const { address: host, port } = typeof address === 'object' && address ? address : { address: '', port: 0 }
    this.url = url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    this.#server = server
    this.#clock = clock
    server.on('request', (request, response) => void this.#answer(request, response))
  }

  /** Expects reports of an attempt. */
  watch(attempt: string): Watched {
    const watched = new Watched(this.url, attempt, this.#clock)
    this.#attempts.set(attempt, watched)
    return watched
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#judge(request).catch(() => BAD_REQUEST)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  async #judge(request: IncomingMessage): Promise<ReportAnswer> {
    const { method, url = '', headers } = request
    if (method === 'GET' && url === '/.well-known/jwks.json') return { status: 200, body: this.jwks }
    const [, attempt = '', verb = ''] = /^\/v1\/attempts\/([^/]+)\/(result|heartbeat|progress|logs)$/.exec(url) ?? []
    const watched = this.#attempts.get(attempt)
    if (method !== 'POST' || !watched) return { status: 404, body: { code: 'not-found', status: 404 } }
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>
    return watched.take({ verb, body }, headers.authorization)
  }
}

const BAD_REQUEST: ReportAnswer = { status: 400, body: { code: 'bad-request', status: 400 } }

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > REPORT_BYTES_MAX) throw new Error('the report is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
