import type { Consensus, Leadership, Outcome } from '../cluster/consensus.ts'
import type { SealedSecret } from '../discovery/executor.ts'
import { backoffMs, type BackoffPolicy } from '../dispatch/backoff.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Random } from '../runtime/random.ts'
import type { Event } from '../state/applied.ts'
import type { Command, CommandOf } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import type { ChannelSender, Sent } from './channel.ts'
import { Lane } from './lane.ts'
import { channelFor, sentToLeft } from './left-over.ts'
import { type RunsEnded, tellStory } from './story.ts'
import { summariesDue } from './summaries.ts'

/** Times that a message is sent, at most: over an hour and a quarter. */
export const MESSAGE_TRIES_MAX = 14
const BACKOFF: BackoffPolicy = { delayMs: 2000, backoff: 'exponential', maxDelayMs: 15 * 60_000, jitter: 0.2 }
/** Messages under way at once. */
export const FLIGHTS_MAX = 64
/** Those of them by channels that fail: the others always find room. */
const FAILING_FLIGHTS_MAX = 32
/** How long what could not be recorded waits, in milliseconds. */
const AGAIN_MS = 1000
/** Beginnings of many episodes are looked at together. */
const SUMMARY_CHECK_MS = 250

export interface SenderDeps {
  clock: Clock
  random: Random
  logger: { warn(fields: object, message: string): void }
  state(): State
  propose(command: Command): Promise<Outcome>
  openSecret(sealed: SealedSecret): string
  channels: ChannelSender
  ended: RunsEnded
  /** Where people reach the dashboard. */
  baseUrl: string
}

const HOW = { delivered: 'taken', partly: 'taken', retry: 'put-off', failed: 'not-taken' } as const

type Result = CommandOf<'alert-messages-sent'>['results'][number]

/**
 * Sends what channels are to be told, on the leader alone. Each channel has a lane of its own, so one that hangs holds up
 * nobody else. Messages and what came of them are replicated: the next leader goes on where this one stopped, and repeats
 * at most what was under way.
 */
export class Sender {
  readonly #deps: SenderDeps
  readonly #lanes = new Map<number, { lane: Lane; wakeAt: number; cancel: () => void }>()
  readonly #starved = new Set<number>()
  #flights = 0
  #failingFlights = 0
  #leads = false
  #stopped = false
  #summaryAt = Number.POSITIVE_INFINITY
  #cancelSummary: () => void = () => undefined

  constructor(deps: SenderDeps) {
    this.#deps = deps
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
    for (const message of this.#deps.state().alertMessages.values())
      if (message.state === 'open') this.#laneOf(message.channel).enter(message)
    for (const channel of this.#lanes.keys()) this.#wake(channel)
    this.#sumUp()
    signal.addEventListener('abort', () => this.#retire(), { once: true })
  }

  onEvent(event: Event): void {
    if (!this.#leads) return
    if (event.type === 'alert-message-due') {
      const message = this.#deps.state().alertMessages.get(event.message)
      if (message?.state === 'open') {
        this.#laneOf(message.channel).enter(message)
        this.#wake(message.channel)
      }
    }
    if (event.type === 'alert-put-off') this.#sumUpBy(this.#deps.clock.now() + SUMMARY_CHECK_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#retire()
    await this.#deps.channels.close()
  }

  #retire(): void {
    this.#leads = false
    this.#starved.clear()
    for (const [channel, entry] of this.#lanes) {
      entry.lane.clear()
      entry.cancel()
      entry.wakeAt = Number.POSITIVE_INFINITY
      if (entry.lane.isEmpty) this.#lanes.delete(channel)
    }
    this.#cancelSummary()
    this.#summaryAt = Number.POSITIVE_INFINITY
  }

  #laneOf(channel: number): Lane {
    let entry = this.#lanes.get(channel)
    if (!entry) {
      entry = { lane: new Lane(channel), wakeAt: Number.POSITIVE_INFINITY, cancel: () => undefined }
      this.#lanes.set(channel, entry)
    }
    return entry.lane
  }

  /** Sees to it that a lane is looked at when its next message is due. */
  #wake(channel: number): void {
    const entry = this.#lanes.get(channel)
    if (!entry || !this.#leads) return
    const at = entry.lane.nextAt()
    if (at >= entry.wakeAt) return
    const { clock } = this.#deps
    entry.cancel()
    entry.wakeAt = at
    entry.cancel = clock.after(Math.max(0, at - clock.now()), () => {
      entry.wakeAt = Number.POSITIVE_INFINITY
      this.#pump(channel)
    })
  }

  #pump(channel: number): void {
    const lane = this.#lanes.get(channel)?.lane
    if (!lane || !this.#leads) return
    for (;;) {
      const room = lane.isFailing ? this.#failingFlights < FAILING_FLIGHTS_MAX : true
      if (this.#flights >= FLIGHTS_MAX || !room) {
        this.#starved.add(channel)
        return
      }
      const id = lane.take(this.#deps.clock.now())
      if (id === undefined) break
      void this.#fly(lane, id)
    }
    if (!lane.isFull) this.#wake(channel)
  }

  async #fly(lane: Lane, id: number): Promise<void> {
    const wasFailing = lane.isFailing
    this.#flights += 1
    if (wasFailing) this.#failingFlights += 1
    const sent = await this.#send(id)
    this.#flights -= 1
    if (wasFailing) this.#failingFlights -= 1
    const left = this.#deps.state().alertMessages.get(id)?.left
    if (sent) await this.#record(this.#resultOf(id, sent))
    // That a few are refused once more says nothing of the channel.
    lane.landed(id, left ? 'not-taken' : HOW[sent?.kind ?? 'failed'], this.#deps.clock.now())
    const message = this.#deps.state().alertMessages.get(id)
    if (this.#leads && message?.state === 'open') lane.enter(message)
    if (lane.isEmpty) this.#lanes.delete(lane.channel)
    for (const channel of [lane.channel, ...this.#starved]) {
      this.#starved.delete(channel)
      this.#pump(channel)
    }
  }

  /** What came of one try; nothing when there is nobody to tell any more. */
  async #send(id: number): Promise<Sent | undefined> {
    const { state, ended, baseUrl, channels, openSecret } = this.#deps
    const message = state().alertMessages.get(id)
    const channel = message && state().channels.get(message.channel)
    if (!channel || message.state !== 'open') return undefined
    try {
      const to = channelFor(message, channel, state())
      // Others have it.
      if (!to) return { kind: 'partly', error: message.error ?? '' }
      const text = await tellStory(message, channel, { state: state(), ended, baseUrl })
      const sent = await channels.send(to, channel.secret && openSecret(channel.secret), text)
      return message.left ? sentToLeft(message.left, sent) : sent
    } catch (error) {
      const sent: Sent = { kind: 'retry', error: error instanceof Error ? error.message : String(error) }
      return message.left ? sentToLeft(message.left, sent) : sent
    }
  }

  #resultOf(message: number, sent: Sent): Result {
    if (sent.kind === 'delivered') return { message }
    const { error } = sent
    const { clock, random, state } = this.#deps
    const { attempts = 0, about } = state().alertMessages.get(message) ?? {}
    const isLast = about?.kind === 'test' || attempts + 1 >= MESSAGE_TRIES_MAX
    const isPartly = sent.kind === 'partly'
    const isOver = isLast || sent.kind === 'failed' || (isPartly && !sent.left)
    if (isOver) return { message, error, ...(isPartly ? { partly: true } : {}) }
    const nextAt = clock.now() + backoffMs(BACKOFF, attempts, random.next(), sent.afterMs)
    return { message, error, nextAt, ...(isPartly && sent.left ? { partly: true, left: sent.left } : {}) }
  }

  /** What came of a message is recorded as long as this node leads; it is not sent again for want of that. */
  async #record(result: Result): Promise<void> {
    const { clock, propose, logger } = this.#deps
    while (this.#leads) {
      try {
        await propose({ kind: 'alert-messages-sent', at: clock.now(), results: [result] })
        return
      } catch (error) {
        if (!this.#leads) return
        logger.warn({ message: result.message, error: String(error) }, 'what came of an alert could not be recorded')
        await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve))
      }
    }
  }

  #sumUpBy(at: number): void {
    if (!this.#leads || at >= this.#summaryAt) return
    const { clock } = this.#deps
    this.#cancelSummary()
    this.#summaryAt = at
    this.#cancelSummary = clock.after(Math.max(0, at - clock.now()), () => this.#sumUp())
  }

  #sumUp(): void {
    this.#summaryAt = Number.POSITIVE_INFINITY
    if (!this.#leads) return
    const { clock, state, propose, logger } = this.#deps
    const { due, nextAt } = summariesDue(state().channels.values(), clock.now())
    if (nextAt !== undefined) this.#sumUpBy(nextAt)
    if (due.length === 0) return
    propose({ kind: 'alert-summaries', at: clock.now(), channels: due }).catch((error: unknown) => {
      if (!this.#leads) return
      logger.warn({ error: String(error) }, 'alerts could not be summed up')
      this.#sumUpBy(clock.now() + AGAIN_MS)
    })
  }
}
