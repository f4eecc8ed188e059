import type { AlertText, Channel, ChannelSender, Sent } from '../../../control-plane/src/alerts/channel.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Strikes } from './faults.ts'
import type { Owner, World } from './world.ts'

export interface ReceiversDeps {
  world: World
  random: SeededRandom
  strikes: Strikes
  /** Called as a process of a node sends a message, and as it is told what came of it. */
  onSend(process: Owner, channel: number, text: AlertText): void
  onAnswer(process: Owner, text: AlertText, sent: Sent): void
  /** Called as a message comes in. */
  onArrival(channel: number, text: AlertText): void
}

/** How long a sender waits for an answer, in milliseconds. */
const TIMEOUT_MS = 10_000

/** What channels lead to: mail servers and chats that fail, hang, lose answers, are late, go down and come back. */
export class Receivers {
  readonly #deps: ReceiversDeps
  readonly #downUntil = new Map<number, number>()
  #stuck: number | undefined

  constructor(deps: ReceiversDeps) {
    this.#deps = deps
  }

  /** The way there of one process of a node. */
  senderOf(process: Owner): ChannelSender {
    return {
      send: ({ uid }: Channel, _secret, text) => this.#send(process, uid, text),
      close: () => Promise.resolve(),
    }
  }

  goDown(channel: number, until: number): void {
    this.#downUntil.set(channel, until)
  }

  /** Everything is well again, but for one that stays as it is. */
  heal(but?: number): void {
    this.#downUntil.clear()
    this.#stuck = but
  }

  #send(process: Owner, channel: number, text: AlertText): Promise<Sent> {
    const { world, random, strikes, onSend, onAnswer, onArrival } = this.#deps
    onSend(process, channel, text)
    return new Promise((resolve) => {
      const answer = (delayMs: number, sent: Sent) =>
        world.laterIn(
          () => process,
          delayMs,
          'channel answers',
          () => {
            onAnswer(process, text, sent)
            resolve(sent)
          },
        )
      const timesOut = () => answer(TIMEOUT_MS, { kind: 'retry', error: 'no answer' })
      world.later(random.pick([0, 1, 20]), 'channel is asked', () => {
        if (this.#stuck === channel || world.now < (this.#downUntil.get(channel) ?? 0)) {
          if (random.chance(0.5)) return timesOut()
          return answer(1, { kind: 'retry', error: 'connection refused' })
        }
        if (strikes.strikes('channel-error')) {
          const waits = random.chance(0.3) ? { afterMs: 3000 } : {}
          return answer(1, { kind: 'retry', error: 'status 503', ...waits })
        }
        if (strikes.strikes('channel-refuses')) return answer(1, { kind: 'failed', error: 'no such mailbox' })
        if (strikes.strikes('channel-hangs')) {
          if (random.chance(0.5)) onArrival(channel, text)
          return timesOut()
        }
        onArrival(channel, text)
        if (strikes.strikes('channel-lost')) return answer(1, { kind: 'retry', error: 'the connection broke' })
        answer(strikes.strikes('channel-late') ? random.pick([100, 1000, 5000]) : 1, { kind: 'delivered' })
      })
    })
  }
}
