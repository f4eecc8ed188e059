import type { AlertText, Sent } from '../../../control-plane/src/alerts/channel.ts'
import type { AlertMessage } from '../../../control-plane/src/alerts/episode.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import type { NodeProcess } from './machine.ts'

/** What became of one message outside. */
interface Letter {
  arrivals: number
  flights: number
  refused: boolean
  /** Processes that were told that it was taken, each with its term. */
  taken: Set<string>
}

/** What is promised of messages on their way: one that was taken is not sent again by whoever knows, none ends unsent. */
export class Letters {
  readonly #letters = new Map<number, Letter>()
  readonly #fail: (detail: string) => void
  /** Messages that came in more than once. */
  repeated = 0

  constructor(fail: (detail: string) => void) {
    this.#fail = fail
  }

  sent({ core, name }: NodeProcess, channel: number, text: AlertText): void {
    const id = idOf(text)
    const letter = this.#letter(id)
    letter.flights += 1
    const message = core?.state.alertMessages.get(id)
    if (core === undefined || message === undefined) return
    if (message.state !== 'open' || message.channel !== channel)
      this.#fail(`${name} sends ${id} to ${channel}, and knows that it is ${message.state}, for ${message.channel}`)
    if (letter.taken.has(`${name}/${core.consensus.leadership().term}`))
      this.#fail(`${name} sends ${id} again in the same term, though it was taken`)
  }

  arrived(text: AlertText): void {
    const letter = this.#letter(idOf(text))
    letter.arrivals += 1
    if (letter.arrivals > 1) this.repeated += 1
  }

  answered({ core, name }: NodeProcess, text: AlertText, sent: Sent): void {
    const letter = this.#letter(idOf(text))
    if (sent.kind === 'delivered') letter.taken.add(`${name}/${core?.consensus.leadership().term}`)
    if (sent.kind === 'failed') letter.refused = true
  }

  /** What is recorded of messages is what came of them. */
  checkAll({ alertMessages }: State): void {
    for (const message of alertMessages.values()) this.#isTrue(message)
  }

  #isTrue({ id, state, attempts }: AlertMessage): void {
    const { arrivals, flights, refused } = this.#letter(id)
    if (state === 'delivered' && arrivals === 0) this.#fail(`${id} is recorded as delivered, and came in nowhere`)
    if (state === 'failed' && !refused) this.#fail(`${id} was given up after ${attempts}, and nobody refused it`)
    if (attempts > flights) this.#fail(`${id} was sent ${flights} times, and ${attempts} are recorded`)
  }

  #letter(id: number): Letter {
    const known = this.#letters.get(id)
    if (known !== undefined) return known
    const letter: Letter = { arrivals: 0, flights: 0, refused: false, taken: new Set() }
    this.#letters.set(id, letter)
    return letter
  }
}

function idOf({ id }: AlertText): number {
  return Number(id.slice(id.lastIndexOf('_') + 1))
}
