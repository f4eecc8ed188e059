import type { SealedSecret } from '../discovery/executor.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import { OWN_URL } from '../state/executors.ts'
import type { AttemptFinish } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import { Accepted, type AcceptedDeps } from './accepted.ts'
import { Call } from './call.ts'
import type { CallbackOf } from './callback.ts'
import type { EgressPolicy } from './egress.ts'
import { afterRedirect, outOfTouch, timeout, unsent } from './ends.ts'
import { failureVerdict } from './failure.ts'
import { findAttempt, type Found, heldBy, type Left, type StartedAttempt } from './find.ts'
import { handlerVerdict } from './handler-outcome.ts'
import { createHttp, type Exchanged, type Http } from './http.ts'
import { httpVerdict } from './http-outcome.ts'
import { ended, type Finish, type Reply, RESULT_BYTES_MAX, type Verdict } from './outcome.ts'
import type { Parent } from './parent.ts'
import { Parked } from './parked.ts'
import { KeyRing, type Prepared, prepareRequest } from './prepare.ts'
import { Queue } from './queue.ts'
import { isRedirect, redirected } from './redirect.ts'
import { Wheel } from './wheel.ts'

export type { StartedAttempt } from './find.ts'

export type DispatchLogger = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>

export interface DispatcherDeps extends Pick<AcceptedDeps, 'leads'> {
  clock: Clock
  random: Random
  logger: DispatchLogger
  state: () => State
  node: string
  /** Whether a leader with a majority behind it was heard of lately: without that, nothing new is sent. */
  inTouch: () => boolean
  openSecret: (sealed: SealedSecret) => string
  /** Makes what executors report with. @default calls carry none */
  callbackOf?: CallbackOf
  /** What a run is told of the run that started it. @default that it gave nothing back */
  parentOf?: (run: string) => Promise<Parent>
  egress: EgressPolicy
  /** Told once of each attempt that ended here. */
  report: (finish: AttemptFinish) => void
  /** Called when there is room for a call again. */
  freed?: () => void
  /** Told of each attempt that an executor took on for later. */
  accepted: (attempt: string, leaseMs: number) => void
  /**
   * Requests under way at once. A handler holds its permit for as long as it runs, so fewer than the namespace's 1,000
   * slots would let long runs hold up the short ones of others. @default 1024 @minimum 1
   */
  concurrencyMax?: number
  /** Requests that wait for a permit; beyond it attempts end `refused`. @default 100_000 */
  queueMax?: number
  /** Sends the requests. @default undici with kept connections behind the egress policy */
  http?: Http
}

/** Bytes kept of an SDK's reply: a result, lines and what is around them. More cannot be verified. */
export const HANDLER_REPLY_BYTES_MAX = 256 * 1024
/** How much longer than an attempt may take the connection waits in silence: the attempt's own deadline comes first. */
const SILENCE_MARGIN_MS = 5000

/** Sends the requests of this node's attempts and reports what came of each. */
export class Dispatcher {
  readonly #deps: DispatcherDeps
  readonly #concurrencyMax: number
  readonly #queueMax: number
  readonly #http: Http
  readonly #ring: KeyRing
  readonly #accepted: Accepted
  readonly #calls = new Map<string, Call>()
  /** Attempts whose end, or acceptance, was told and is not in the state yet. */
  readonly #told = new Set<string>()
  /** Those that wait for a permit. */
  readonly #ready = new Queue<Call>()
  /** Those that wait for a connection to their origin; they hold no permit, so a slow origin stops nobody else. */
  readonly #parked = new Parked<Call>()
  readonly #deadlines: Wheel<Call>
  readonly #owner = {
    mayLeave: (call: Call) => this.#mayLeave(call),
    onDone: (call: Call, result: Exchanged) => this.#onDone(call, result),
  }
  #incarnation = 0
  #inFlight = 0
  #pumping = false
  #stopping = false
  #idle: (() => void) | undefined

  constructor(deps: DispatcherDeps) {
    this.#deps = deps
    this.#concurrencyMax = deps.concurrencyMax ?? 1024
    this.#queueMax = deps.queueMax ?? 100_000
    this.#http = deps.http ?? createHttp({ egress: deps.egress })
    this.#ring = new KeyRing(deps.openSecret)
    this.#accepted = new Accepted({
      ...deps,
      http: this.#http,
      ring: this.#ring,
      freed: (origin) => this.#onFreed(origin),
    })
    this.#deadlines = new Wheel(deps.clock, (call) => this.#timeOut(call))
    this.#http.onRoom?.((origin) => this.#onFreed(origin))
  }

  /**
   * A connection took its time, or the process stood still: the attempt may have been given up meanwhile, and its
   * successor may be at work.
   */
  #mayLeave(call: Call): boolean {
    if (call.over || call.sentAt !== undefined) return !call.over
    if (!this.#isOpen(call)) this.#drop(call)
    else if (!this.#deps.inTouch()) this.#settle(call, outOfTouch())
    return !call.over
  }

  /** Requests that hold a permit. */
  get inFlight(): number {
    return this.#inFlight
  }

  get waiting(): number {
    return this.#calls.size - this.#inFlight
  }

  /** Of those that wait: how many do so for whoever polls, and take nothing that others need. */
  get waitingForPolls(): number {
    return this.#parked.forPolls
  }

  /** The cluster knows this process under an incarnation from now on; what it had open under another has been given up. */
  comeUp(incarnation: number): void {
    this.#incarnation = incarnation
    this.dropClosed()
  }

  /** Ends what has not been sent: this node is to begin nothing more. */
  releaseUnsent(): void {
    for (const call of [...this.#calls.values()]) {
      if (call.sentAt !== undefined) continue
      call.exchange?.abort()
      this.#settle(call, outOfTouch())
    }
  }

  /** Closes the calls whose attempts have ended without a word to this node. */
  dropClosed(): void {
    for (const call of [...this.#calls.values()]) {
      if (this.#isOpen(call)) continue
      call.exchange?.abort()
      this.#drop(call)
    }
  }

  /** Attempts of this node that began without its being told are certainly not sent: it says so. */
  disownUnknown(): void {
    const { node, state, clock } = this.#deps
    for (const id of this.#told) if (!state().attempts.has(id)) this.#told.delete(id)
    for (const { started, job } of heldBy(state(), node, this.#incarnation)) {
      const { id } = started.attempt
      if (!this.#calls.has(id) && !this.#told.has(id))
        this.#settle(new Call(started, job, clock, this.#owner), outOfTouch())
    }
  }

  /** What was told of an attempt has arrived. */
  forget(attemptId: string): void {
    this.#told.delete(attemptId)
  }

  /** Takes an attempt of this node on; those of others, and those it has already, are ignored. */
  start(event: StartedAttempt): void {
    const { node, clock, state } = this.#deps
    const incarnation = this.#incarnation
    const { attempt } = event
    const run = state().runs.get(event.run)
    if (run === undefined || attempt.node !== node || attempt.incarnation !== incarnation) return
    if (this.#calls.has(attempt.id)) return
    const call = new Call(event, run.job, clock, this.#owner)
    const full = this.waiting >= this.#queueMax
    this.#calls.set(attempt.id, call)
    // It was planned before this node began to stop.
    if (this.#stopping) return this.#settle(call, unsent())
    if (full) {
      const message = `${this.#queueMax} requests wait on this node already`
      return this.#settle(call, ended('refused', 'dispatch-queue-full', message))
    }
    this.#deadlines.add(call, clock.monotonic() + (attempt.deadline - clock.now()))
    if (run.parent !== undefined) return void this.#readParent(call, run.parent.run)
    this.#ready.push(call)
    this.#pump()
  }

  /** What the parent gave back is read before the call takes a permit. */
  async #readParent(call: Call, run: string): Promise<void> {
    try {
      call.parent = (await this.#deps.parentOf?.(run)) ?? { runId: run, result: null }
    } catch (error) {
      this.#deps.logger.error({ attempt: call.id, parent: run, err: error }, 'the result of a parent cannot be read')
      this.#settle(call, ended('refused', 'parent-unreadable', `the result of parent ${run} cannot be read`))
    }
    if (call.over) return
    this.#ready.push(call)
    this.#pump()
  }

  /** Closes the attempt's connection, and tells the executor that has it to stop. */
  abort(attemptId: string, why: 'cancelled' | 'timed-out', left?: Left): void {
    const call = this.#calls.get(attemptId)
    if (!call) return this.#accepted.cancel(attemptId, why, left)
    call.exchange?.abort()
    if (call.found && call.sentAt !== undefined) this.#accepted.tell(call.id, call.found, why)
    if (!this.#isOpen(call)) return this.#drop(call)
    this.#settle(
      call,
      why === 'cancelled' ? ended(why, 'cancelled', `the call to ${call.who} was cancelled`) : timeout(call),
    )
  }

  /** Lets requests under way finish for `graceMs`, then closes them. What had not been sent is reported as such. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    for (const call of this.#calls.values()) if (!call.underWay) this.#settle(call, unsent())
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const cancelTimer = this.#deps.clock.after(graceMs, resolve)
        this.#idle = () => {
          cancelTimer()
          resolve()
        }
      })
    }
    for (const call of this.#calls.values()) {
      call.exchange?.abort()
      const cut = ended('uncertain', 'node-stopped', `the node was stopped before ${call.who} had answered`)
      this.#settle(call, call.sentAt === undefined ? unsent() : cut)
    }
    await this.#http.close()
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#inFlight < this.#concurrencyMax) {
      const call = this.#ready.shift()
      if (!call) break
      this.#send(call)
    }
    this.#pumping = false
  }

  /** The last look before a request leaves: the attempt must still be open, and its time not over. */
  #send(call: Call): void {
    const { clock, state } = this.#deps
    const now = clock.now()
    if (now >= call.started.attempt.deadline) return this.#settle(call, timeout(call))
    if (!this.#deps.inTouch()) return this.#settle(call, outOfTouch())
    const found = findAttempt(state(), call.started)
    if ('kind' in found) return found.kind === 'closed' ? this.#drop(call) : this.#settle(call, found.verdict)
    if (call.parent) found.parent = call.parent
    call.found = found
    if (!this.#http.hasRoom(found.origin)) return this.#parked.add(call, found.origin)
    call.underWay = true
    this.#inFlight++
    try {
      const prepared = prepareRequest(found, this.#ring, now, this.#deps.callbackOf)
      if ('kind' in prepared) return this.#settle(call, prepared)
      this.#exchange(call, found, prepared)
    } catch (error) {
      this.#deps.logger.error({ attempt: call.id, err: error }, 'a request could not be made')
      const message = `no request to ${call.who} could be made`
      this.#settle(call, ended('failed', 'request-failed', message, { retryable: false }))
    }
  }

  #exchange(call: Call, { job }: Found, prepared: Prepared): void {
    call.prepared = prepared
    call.spec ??= job.spec
    const exchange = this.#http.send(prepared.request, call, {
      keepBytes: job.spec.target.kind === 'handler' ? HANDLER_REPLY_BYTES_MAX : RESULT_BYTES_MAX,
      silenceTimeoutMs: job.spec.timeoutMs + SILENCE_MARGIN_MS,
      fresh: job.spec.onUncertain === 'fail',
    })
    if (!call.over && call.prepared === prepared) call.exchange = exchange
  }

  #onDone(call: Call, { sent, reply, error, verdict: given }: Exchanged): void {
    const { found, prepared } = call
    if (call.over || !found || !prepared) return
    if (given) return this.#settle(call, given)
    if (!reply) {
      const failure = { error: error ?? new Error('no reply'), sent }
      const verdict = failureVerdict(failure, call.who, call.started.attempt.executor === OWN_URL)
      return this.#settle(call, call.redirects > 0 ? afterRedirect(verdict) : verdict)
    }
    // As it was when the request was made: the job may call something else by now.
    const { target, onUncertain } = call.spec ?? found.job.spec
    if (target.kind === 'http' && isRedirect(reply.status) && call.redirects < target.redirectMax) {
      return this.#redirect(call, found, prepared, reply)
    }
    const { who, id: attemptId } = call
    const now = this.#deps.clock.now()
    const called = { who, runId: found.run.id, attemptId, now, keys: prepared.keys, strict: onUncertain === 'fail' }
    const isHandler = target.kind === 'handler'
    this.#settle(call, isHandler ? handlerVerdict(reply, called) : httpVerdict(reply, { ...called, target }))
  }

  #redirect(call: Call, found: Found, { request, keys }: Prepared, reply: Reply): void {
    const next = redirected(request, reply.status, reply.headers['location'])
    if (typeof next === 'string') {
      return this.#settle(call, ended('failed', 'redirect-refused', `${call.who}: ${next}`, { status: reply.status }))
    }
    call.redirects++
    this.#exchange(call, found, { request: next, keys })
    if (next.origin !== request.origin) this.#onFreed(request.origin)
  }

  #timeOut(call: Call): void {
    const more = call.started.attempt.deadline - call.deadline
    call.deadline += more
    // Its executor asked for more time meanwhile.
    if (more > 0) return this.#deadlines.add(call, this.#deps.clock.monotonic() + more)
    call.exchange?.abort()
    this.#settle(call, timeout(call))
  }

  /** Ends the call and tells of it. */
  #settle(call: Call, verdict: Verdict): void {
    if (call.over) return
    this.#leave(call)
    if (this.#isOpen(call)) this.#told.add(call.id)
    if (verdict.kind === 'accepted') {
      if (call.found) this.#accepted.add(call.id, call.found)
      this.#deps.accepted(call.id, verdict.leaseMs)
    } else {
      this.#deps.report(this.#finishOf(call, verdict.finish))
    }
    this.#goOn(call)
  }

  /** Ends the call without a word: its attempt has ended already. */
  #drop(call: Call): void {
    if (call.over) return
    this.#leave(call)
    this.#goOn(call)
  }

  #leave(call: Call): void {
    call.over = true
    call.exchange = undefined
    this.#calls.delete(call.id)
    this.#deadlines.remove(call)
    call.in?.remove(call)
    if (call.underWay) this.#inFlight--
  }

  #goOn(call: Call): void {
    const origin = call.prepared?.request.origin ?? call.found?.origin
    if (origin !== undefined) this.#unpark(origin)
    if (this.#inFlight === 0) this.#idle?.()
    this.#pump()
    this.#deps.freed?.()
  }

  /** Fills the finish in where it stands: a verdict is made for one attempt. */
  #finishOf(call: Call, finish: Finish): AttemptFinish {
    const whole = finish as AttemptFinish
    whole.attempt = call.id
    whole.job = call.job
    whole.endedAt = this.#deps.clock.now()
    whole.chance = this.#deps.random.next()
    if (call.sentAt !== undefined) whole.sentAt = call.sentAt
    return whole
  }

  /** The one that waited longest for this origin goes next. */
  #unpark(origin: string): void {
    if (!this.#parked.has(origin) || !this.#http.hasRoom(origin)) return
    const call = this.#parked.shift(origin)
    if (call) this.#ready.shiftBack(call)
  }

  /** A connection to this origin is to spare again, although no call to it has ended. */
  #onFreed(origin: string): void {
    this.#unpark(origin)
    this.#pump()
  }

  #isOpen(call: Call): boolean {
    return this.#deps.state().attempts.has(call.id)
  }
}
