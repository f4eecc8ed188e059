import { cutText } from '../runtime/characters.ts'
import type { Consensus, Leadership, Outcome } from '../cluster/consensus.ts'
import type { SealedSecret } from '../discovery/executor.ts'
import type { Notice } from '../runs/notice.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Event } from '../state/applied.ts'
import type { Command, CommandOf } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { EgressPolicy } from './egress.ts'
import { createHttp, type Http } from './http.ts'
import { noticeRequest, receiverOf } from './notice-request.ts'
import { KeyRing } from './prepare.ts'
import { schemeOf } from './scheme.ts'

/** Times that a notice is sent, at most: over about an hour. */
export const NOTICE_TRIES_MAX = 8
const FIRST_DELAY_MS = 1000
const DELAY_FACTOR = 4
const DELAY_MS_MAX = 30 * 60_000
/** Notices under way at once, in all and to one service: one that does not answer holds up no other. */
const FLIGHTS_MAX = 64
const FLIGHTS_PER_SERVICE_MAX = 4
const ANSWER_TIMEOUT_MS = 10_000
/** How long what could not be recorded waits before it is sent again, in milliseconds. */
const AGAIN_MS = 1000
/** Answers that another try may turn into a better one, besides those from 500 on. */
const LATER = new Set([401, 408, 421, 425, 429])

export interface NotifierDeps {
  clock: Clock
  logger: { warn(fields: object, message: string): void }
  state(): State
  propose(command: Command): Promise<Outcome>
  openSecret(sealed: SealedSecret): string
  egress: EgressPolicy
  /** @default undici with kept connections behind the egress policy */
  http?: Http
}

type Result = CommandOf<'notices-sent'>['results'][number]

/**
 * Sends what services are told although nothing runs, on the leader alone and beside the calls: in no slot, with no
 * permit. What was made or sent is replicated, so the next leader goes on where this one stopped, and may repeat.
 */
export class Notifier {
  readonly #deps: NotifierDeps
  readonly #http: Http
  readonly #ring: KeyRing
  /** By service, open notices that are not under way, and when they are to be sent. */
  readonly #waiting = new Map<string, Map<number, number>>()
  /** Those under way, and to whom. */
  readonly #flying = new Map<number, string>()
  readonly #flights = new Map<string, number>()
  #leads = false
  #stopped = false
  #wakeAt = Number.POSITIVE_INFINITY
  #cancelWake: () => void = () => undefined

  constructor(deps: NotifierDeps) {
    this.#deps = deps
    this.#http = deps.http ?? createHttp({ egress: deps.egress })
    this.#ring = new KeyRing((sealed) => deps.openSecret(sealed))
  }

  /** Sends whenever this node leads. */
  follow(consensus: Pick<Consensus, 'leadership' | 'onLeadership'>): void {
    const changed = ({ isLeader, signal }: Leadership) => (isLeader ? this.lead(signal) : undefined)
    consensus.onLeadership(changed)
    changed(consensus.leadership())
  }

  /** Sends from now on, until the signal of the term aborts. */
  lead(signal: AbortSignal): void {
    this.#retire()
    if (signal.aborted || this.#stopped) return
    this.#leads = true
    for (const notice of this.#deps.state().notices.values()) this.#enter(notice)
    signal.addEventListener('abort', () => this.#retire(), { once: true })
  }

  onEvent(event: Event): void {
    if (event.type !== 'notice-due' || !this.#leads) return
    const notice = this.#deps.state().notices.get(event.notice)
    if (notice) this.#enter(notice)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#retire()
    if (this.#deps.http === undefined) await this.#http.close()
  }

  #retire(): void {
    this.#leads = false
    this.#waiting.clear()
    this.#cancelWake()
    this.#wakeAt = Number.POSITIVE_INFINITY
  }

  #enter({ id, nextAt, namespace, service }: Notice): void {
    if (nextAt === undefined || this.#flying.has(id)) return
    const line = `${namespace}/${service}`
    const waiting = this.#waiting.get(line)
    if (waiting) waiting.set(id, nextAt)
    else this.#waiting.set(line, new Map([[id, nextAt]]))
    this.#wakeBy(nextAt)
  }

  #wakeBy(at: number): void {
    if (!this.#leads || at >= this.#wakeAt) return
    const { clock } = this.#deps
    this.#cancelWake()
    this.#wakeAt = at
    this.#cancelWake = clock.after(Math.max(0, at - clock.now()), () => this.#pump())
  }

  #pump(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY
    if (!this.#leads) return
    let next = Number.POSITIVE_INFINITY
    for (const [line, waiting] of [...this.#waiting]) {
      if (this.#flying.size >= FLIGHTS_MAX) return
      next = Math.min(next, this.#sendOf(line, waiting))
      // The others come first next time.
      this.#waiting.delete(line)
      if (waiting.size > 0) this.#waiting.set(line, waiting)
    }
    this.#wakeBy(next)
  }

  /** Sends what is due to one service, as far as it may; gives when the next of it is due. */
  #sendOf(line: string, waiting: Map<number, number>): number {
    const now = this.#deps.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const [id, at] of waiting) {
      if (at > now) next = Math.min(next, at)
      else if ((this.#flights.get(line) ?? 0) >= FLIGHTS_PER_SERVICE_MAX || this.#flying.size >= FLIGHTS_MAX) break
      else {
        waiting.delete(id)
        void this.#tell(line, id)
      }
    }
    return next
  }

  async #tell(line: string, id: number): Promise<void> {
    const { clock, state, propose, logger } = this.#deps
    const notice = state().notices.get(id)
    if (notice?.state !== 'open') return
    this.#flying.set(id, line)
    this.#flights.set(line, (this.#flights.get(line) ?? 0) + 1)
    const result = await this.#send(notice)
    let failed = false
    try {
      if (this.#leads) await propose({ kind: 'notices-sent', at: clock.now(), results: [result] })
    } catch (error) {
      failed = true
      if (this.#leads) logger.warn({ notice: id, error: String(error) }, 'what came of a notice could not be recorded')
    }
    this.#land(line, id)
    const after = this.#leads ? state().notices.get(id) : undefined
    if (after?.state === 'open') this.#enter(failed ? { ...after, nextAt: clock.now() + AGAIN_MS } : after)
    this.#wakeBy(clock.now())
  }

  #land(line: string, id: number): void {
    this.#flying.delete(id)
    const left = (this.#flights.get(line) ?? 1) - 1
    if (left > 0) this.#flights.set(line, left)
    else this.#flights.delete(line)
  }

  async #send(notice: Notice): Promise<Result> {
    const { clock, state } = this.#deps
    const receiver = receiverOf(state(), notice)
    if ('fault' in receiver) return this.#again(notice, receiver.fault, receiver.isFinal)
    const who = `executor ${receiver.executor.id}`
    try {
      const { service } = receiver
      const keys = this.#ring.signingOf(service.secrets, schemeOf(state(), service))
      const status = await this.#post(noticeRequest(state(), notice, receiver, keys, clock.now()))
      if (status >= 200 && status <= 299) return { notice: notice.id }
      const isFinal = status >= 400 && status < 500 && !LATER.has(status)
      return this.#again(notice, `${who} answered ${status}`, isFinal)
    } catch (error) {
      return this.#again(notice, `${who}: ${error instanceof Error ? error.message : String(error)}`, false)
    }
  }

  #again({ id, attempts }: Notice, error: string, isFinal: boolean): Result {
    if (isFinal || attempts + 1 >= NOTICE_TRIES_MAX) return { notice: id, error: cutText(error, 500) }
    const delayMs = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * DELAY_FACTOR ** attempts)
    return { notice: id, error: cutText(error, 500), nextAt: this.#deps.clock.now() + delayMs }
  }

  /** The status of the reply. */
  #post(request: ReturnType<typeof noticeRequest>): Promise<number> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#deps.clock.after(ANSWER_TIMEOUT_MS, () => {
        exchange.abort()
        reject(new Error('no answer in time'))
      })
      const owner = {
        onSent: () => true,
        onDone: ({ reply, error }: { reply?: { status: number }; error?: Error }) => {
          cancelTimer()
          if (reply) resolve(reply.status)
          else reject(error ?? new Error('no reply'))
        },
      }
      const exchange = this.#http.send(request, owner, { keepBytes: 0, silenceTimeoutMs: ANSWER_TIMEOUT_MS })
    })
  }
}
