import type { ExecutorClock } from './clock.ts'
import type { SignatureFault } from './errors.ts'
import type { Logger } from './logger.ts'
import { problemReply, type Problem, type RawReply } from './problem.ts'
import type { RawCall } from './receiver.ts'

/** At most one line of a kind in this time, so that a stranger cannot fill the disk. */
const QUIET_MS = 1000

const HINTS: Record<SignatureFault, string> = {
  'missing-header': 'one of its webhook-* headers is missing: not a call of the control plane',
  'malformed-timestamp': 'its webhook-timestamp is not a number of seconds',
  'too-old': 'its timestamp is more than 300 s behind this clock: compare the clocks of both machines',
  'too-new': 'its timestamp is more than 300 s ahead of this clock: compare the clocks of both machines',
  'no-match': 'no signature fits a known secret or key: compare the secret here with that of the service',
  'missing-token': 'it carries no bearer token: is the service set to jwt, or does a proxy take the header away',
  'malformed-token': 'its token is not one of the control plane',
  'unknown-key': 'its token names a key that the issuer does not publish',
  'wrong-audience': 'its token is for another service or cluster',
  'wrong-claims': 'its token is of another issuer or kind, or for another job, method or URL',
  'wrong-body': 'its body is not the one that was signed: does something on the way rewrite it',
  'keys-unavailable': 'the keys of the issuer cannot be fetched: is `jwks` right, and reachable from here',
}

/** Says why a signature was refused. */
export function describeFault(fault: SignatureFault): string {
  return HINTS[fault]
}

/** The kinds of lines that a stranger can cause. */
type Kind = SignatureFault | 'raw-body' | 'misconfigured' | 'internal'

/** How each framework is made to leave bodies alone. */
const RAW_BODY_FIXES = {
  express:
    'mount the executor before anything that parses bodies: app.use("/jobs", express(executor)); app.use(json()); ' +
    'or keep the bytes: import { captureRawBody } from "@cronclave/sdk/express"; ' +
    "app.use(json({ limit: '1mb', verify: captureRawBody }))",
  fastify:
    'a hook has read the body: register the executor outside of its scope: app.register(fastify(executor), { prefix: "/jobs" }); ' +
    'or keep the bytes there as request.rawBody, a Uint8Array',
  fetch:
    'hand the request on before anything reads its body: executor.fetch(request); ' +
    'whoever needs the body as well reads a copy: await request.clone().json()',
  hono:
    'a middleware has read c.req.raw: mount the executor before it: app.post("/jobs", hono(executor)); ' +
    'or read the body with await c.req.json(), which keeps the bytes',
  http:
    'hand the request on before anything reads its body: http.createServer(node(executor)); ' +
    'a router hands it on unread: if (req.url === "/jobs") return listener(req, res)',
}

/** Refuses calls, and writes down locally what the caller is not told. Counts what it leaves out. */
export class Refusals {
  readonly #clock: ExecutorClock
  readonly #logger: Logger
  readonly #quiet = new Map<Kind, { until: number; suppressed: number }>()

  constructor({ clock, logger }: { clock: ExecutorClock; logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
  }

  reply(problem: Problem): RawReply {
    return problemReply(problem)
  }

  /** Somebody has read the body before us, or the caller went away in the middle of it, which is nobody's fault. */
  unread({ signal, mount = 'express' }: RawCall): RawReply {
    const detail = RAW_BODY_FIXES[mount]
    if (!signal?.aborted) this.failed('raw-body', {}, `a call could not be verified: ${detail}`)
    return problemReply({ code: 'raw-body-unavailable', detail })
  }

  /** A signature does not hold; the caller is not told why. */
  refused(fault: SignatureFault, skewS: number | undefined): RawReply {
    const fields = { fault, ...(skewS !== undefined && { skewS }) }
    this.#write('warn', fault, fields, `a call was refused: ${describeFault(fault)}`)
    return problemReply({ code: fault === 'keys-unavailable' ? fault : 'unauthorized' })
  }

  /** What is wrong on this side. */
  failed(kind: Kind, fields: object, message: string): void {
    this.#write('error', kind, fields, message)
  }

  #write(level: 'warn' | 'error', kind: Kind, fields: object, message: string): void {
    const now = this.#clock.now()
    const last = this.#quiet.get(kind)
    if (last && now < last.until) {
      last.suppressed++
      return
    }
    this.#quiet.set(kind, { until: now + QUIET_MS, suppressed: 0 })
    this.#logger[level]({ ...fields, ...(last && { suppressed: last.suppressed }) }, message)
  }
}
