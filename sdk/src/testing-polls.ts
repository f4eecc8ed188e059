import type { SignedCall } from './testing-call.ts'

const OF_EXECUTORS = /^\/v1\/namespaces\/[^/]+\/services\/[^/]+\/executors\/[^/]+?(?:\/(heartbeat|poll|drain))?$/
const TIMES = { leaseTtlMs: 30_000, heartbeatMs: 10_000 }
/** Calls that wait for the next poll; more are a mistake of the test. */
const WAITING_MAX = 10_000

/** What executors that listen ask of a control plane, and the calls that wait for their polls. */
export class TestPolls {
  /** As the executor announced them. */
  handlers: { name: string }[] = []
  readonly #waiting: SignedCall[] = []
  /** Answers the poll that hangs. */
  #serve: (() => void) | undefined

  hand(call: SignedCall): void {
    if (this.#waiting.length >= WAITING_MAX) throw new RangeError('nobody listens: is `listen` waited for?')
    this.#waiting.push(call)
    this.#serve?.()
  }

  /** The reply to what an executor says of itself; nothing for other paths. */
  async answer(path: string, request: Request): Promise<Response | undefined> {
    const [isMeant, verb] = OF_EXECUTORS.exec(path) ?? []
    if (isMeant === undefined) return undefined
    if (request.method === 'DELETE') return new Response(null, { status: 204 })
    if (request.method === 'PUT') this.handlers = ((await request.json()) as TestPolls).handlers
    return verb === 'poll' ? this.#poll(request.signal) : Response.json({ answer: 'ok', ...TIMES })
  }

  /** Hangs until there are calls, a newer poll comes, or whoever polls has gone. */
  #poll(signal: AbortSignal): Promise<Response> {
    this.#serve?.()
    return new Promise((resolve) => {
      const serve = () => {
        signal.removeEventListener('abort', serve)
        if (this.#serve === serve) this.#serve = undefined
        const calls = signal.aborted ? [] : this.#waiting.splice(0)
        resolve(Response.json({ answer: 'ok', ...TIMES, calls: calls.map(({ headers, body }) => ({ headers, body })) }))
      }
      this.#serve = serve
      signal.addEventListener('abort', serve)
      if (this.#waiting.length > 0) serve()
    })
  }
}
