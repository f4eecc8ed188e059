import type { Executor } from '../discovery/executor.ts'
import { addressOf, isPulled, PULL_URL, pulledBy, pulls } from '../discovery/pull.ts'
import { notPolled, outOfTouch } from '../dispatch/ends.ts'
import type { Exchange, ExchangeOwner, Http } from '../dispatch/http.ts'
import { LEASE_MS, type Reply, type Verdict } from '../dispatch/outcome.ts'
import type { WireRequest } from '../dispatch/request.ts'
import type { Clock } from '../runtime/clock.ts'
import { findExecutor } from '../state/executors.ts'
import type { State } from '../state/state.ts'

/** Calls that one poll is answered with at most, and characters of their bodies beyond which no more are added. */
export const CALLS_MAX = 100
const CALLS_CHARS_MAX = 4 * 1024 * 1024
/** Messages that wait for the next poll of one executor; more are refused. */
const LETTERS_MAX = 100
/** How soon after executors changed those that wait for a poll are looked at, in milliseconds. */
const SOON_MS = 50

/** A call as a poll hands it out: what another executor would be sent. */
export interface PolledCall {
  headers: Record<string, string>
  body: string
}

/** Who polls. */
export interface Poller {
  service: number
  id: string
  boot: string
}

const HANDED_OVER: Reply = { status: 200, headers: {}, body: Buffer.alloc(0), bytes: 0 }

/**
 * Where the leader hands out the calls of executors that poll. To those who send it is a way like any other: a call has
 * left once a poll took it, and was thereby accepted; until then whoever sends it keeps it.
 */
export class PollDesk {
  readonly #clock: Clock
  readonly #polls = new Map<string, Poll>()
  readonly #letters = new Map<string, Set<Letter>>()
  /** Origins for which there was no room when somebody asked. */
  readonly #wanted = new Set<string>()
  readonly #listeners = new Set<(origin: string) => void>()
  #state: (() => State) | undefined
  #cancelLook: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Polls that hang at the moment. */
  get size(): number {
    return this.#polls.size
  }

  /** Whether a poll of this very process hangs. */
  isPolled(executor: Executor): boolean {
    return this.#polls.get(addressOf(executor))?.hasRoom(executor) === true
  }

  /** Hands calls out from now on. */
  open(state: () => State): void {
    this.#state = state
  }

  /** Ends all polls with what they have, and gives back what nobody took. */
  close(): void {
    this.#state = undefined
    this.#cancelLook?.()
    this.#cancelLook = undefined
    for (const poll of [...this.#polls.values()]) poll.end()
    for (const letters of [...this.#letters.values()]) for (const letter of [...letters]) letter.fail(outOfTouch())
    this.#tellWanted(() => true)
  }

  /** Waits for calls, at most so long; a newer poll of the same executor ends it. */
  poll(poller: Poller, holdMs: number, signal: AbortSignal): Promise<PolledCall[]> {
    const origin = addressOf({ url: PULL_URL, ...poller })
    this.#polls.get(origin)?.end()
    return new Promise((resolve) => {
      const poll = new Poll(this.#clock, poller, holdMs, (calls) => {
        signal.removeEventListener('abort', leave)
        if (this.#polls.get(origin) === poll) this.#polls.delete(origin)
        resolve(calls)
      })
      const leave = () => poll.end()
      this.#polls.set(origin, poll)
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) return leave()
      for (const letter of [...(this.#letters.get(origin) ?? [])]) letter.handOver(poll)
      this.#tellWanted((wanted) => wanted === origin)
    })
  }

  /** Executors changed: what waits for the poll of one that has gone is given back soon. */
  onChange(): void {
    if (this.#wanted.size === 0 && this.#letters.size === 0) return
    this.#cancelLook ??= this.#clock.after(SOON_MS, () => this.#look())
  }

  /** This way for those who poll, the other one for everybody else. */
  beside(http: Http): Http {
    return {
      get connections() {
        return http.connections
      },
      hasRoom: (origin) => (isPulled(origin) ? this.#hasRoom(origin) : http.hasRoom(origin)),
      send: (request, owner, options) =>
        isPulled(request.origin) ? this.#send(request, owner) : http.send(request, owner, options),
      onRoom: (listener) => void this.#listeners.add(listener),
      close: () => http.close(),
    }
  }

  /** Whether a call would leave, or be refused, at once. */
  #hasRoom(origin: string): boolean {
    const poll = this.#polls.get(origin)
    const executor = this.#executorAt(origin)
    if (!executor || (poll ? poll.hasRoom(executor) : executor.status !== 'online')) return true
    this.#wanted.add(origin)
    return false
  }

  #send(request: WireRequest, owner: ExchangeOwner): Exchange {
    const { origin } = request
    const letters = this.#letters.get(origin) ?? new Set()
    const letter = new Letter(request, owner, () => {
      letters.delete(letter)
      if (letters.size === 0) this.#letters.delete(origin)
    })
    const executor = this.#executorAt(origin)
    const poll = this.#polls.get(origin)
    if (!this.#state) letter.fail(outOfTouch())
    else if (!executor || letters.size >= LETTERS_MAX) letter.fail(notPolled(nameOf(origin)))
    else if (poll?.hasRoom(executor)) letter.handOver(poll)
    else if (!isThere(executor)) letter.fail(notPolled(nameOf(origin)))
    else {
      letters.add(letter)
      this.#letters.set(origin, letters)
    }
    return { abort: () => letter.withdraw() }
  }

  #look(): void {
    this.#cancelLook = undefined
    for (const [origin, letters] of [...this.#letters]) {
      const executor = this.#executorAt(origin)
      if (executor && isThere(executor)) continue
      for (const letter of [...letters]) letter.fail(notPolled(nameOf(origin)))
    }
    this.#tellWanted((origin) => this.#executorAt(origin)?.status !== 'online')
  }

  #tellWanted(isMeant: (origin: string) => boolean): void {
    for (const origin of [...this.#wanted]) {
      if (!isMeant(origin)) continue
      this.#wanted.delete(origin)
      for (const listener of this.#listeners) listener(origin)
    }
  }

  #executorAt(origin: string): Executor | undefined {
    const executor = this.#state && findExecutor(this.#state(), pulledBy(origin))
    // It may have a URL by now, and is called there.
    return executor && pulls(executor) ? executor : undefined
  }
}

/** Whether it polls, as far as is known; one that is draining does so until it leaves. */
function isThere({ status }: Executor): boolean {
  return status === 'online' || status === 'draining'
}

function nameOf(origin: string): string {
  return `executor ${pulledBy(origin).id}`
}

/** A poll that hangs. */
class Poll {
  readonly #poller: Poller
  readonly #answer: (calls: PolledCall[]) => void
  readonly #calls: PolledCall[] = []
  readonly #cancelHold: () => void
  #chars = 0
  #over = false

  constructor(clock: Clock, poller: Poller, holdMs: number, answer: (calls: PolledCall[]) => void) {
    this.#poller = poller
    this.#answer = answer
    this.#cancelHold = clock.after(holdMs, () => this.end())
  }

  /** Whether it takes one more call for an executor, which may be another process by now. */
  hasRoom({ bootId }: Executor): boolean {
    if (this.#over || bootId !== this.#poller.boot) return false
    return this.#calls.length < CALLS_MAX && this.#chars < CALLS_CHARS_MAX
  }

  /**
   * Takes a call along. It is answered with those of this turn, and no later: a process that stood still in between would
   * hand out what has been given up meanwhile.
   */
  add(call: PolledCall): void {
    this.#calls.push(call)
    this.#chars += call.body.length
    if (this.#calls.length === 1) queueMicrotask(() => this.end())
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelHold()
    this.#answer(this.#calls)
  }
}

/** A request on its way to an executor that polls. */
class Letter {
  readonly #request: WireRequest
  readonly #owner: ExchangeOwner
  readonly #done: () => void
  #over = false

  constructor(request: WireRequest, owner: ExchangeOwner, done: () => void) {
    this.#request = request
    this.#owner = owner
    this.#done = done
  }

  handOver(poll: Poll): void {
    if (!this.#end() || !this.#owner.onSent()) return
    poll.add(callOf(this.#request))
    this.#owner.onDone({ sent: true, reply: HANDED_OVER, verdict: { kind: 'accepted', leaseMs: LEASE_MS } })
  }

  fail(verdict: Verdict): void {
    if (!this.#end()) return
    const message = verdict.kind === 'finished' ? verdict.finish.error?.message : undefined
    this.#owner.onDone({ sent: false, error: new Error(message), verdict })
  }

  withdraw(): void {
    this.#end()
  }

  #end(): boolean {
    if (this.#over) return false
    this.#over = true
    this.#done()
    return true
  }
}

function callOf({ headers, body }: WireRequest): PolledCall {
  const named: Record<string, string> = {}
  for (let at = 0; at + 1 < headers.length; at += 2) named[headers[at] ?? ''] = headers[at + 1] ?? ''
  return { headers: named, body: body?.toString('utf8') ?? '' }
}
