import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'
import type { State } from '../state/state.ts'
import { Board } from './board.ts'
import { DELIVERY_MAX, DELIVERY_MS } from './broker.ts'
import type { BrokerPort, Delivery, Evaluation, Handed, Plan, Planned } from './evaluation.ts'
import { planAll } from './planner.ts'

/** Plans of one worker that are being committed, at most. */
const FLIGHTS_MAX = 4
/** How long a worker that could not ask, or hand back, waits until it tries again, in milliseconds. */
const AGAIN_MS = 100
/** How long a worker whose node has hardly any room waits for more, so that entries stay worth a write, in milliseconds. */
const GATHER_MS = 5
/** How long it is at most until a worker looks again whether it may ask, in milliseconds. */
const LOOK_MS = 250
/** How long the state here may take to come as far as an evaluation, in milliseconds. */
const CATCH_UP_MS = 5000

export interface WorkersDeps {
  clock: Clock
  random: Random
  logger: Logger
  /** Id of this member. */
  node: string
  /** How many there are. */
  count: number
  port: BrokerPort
  state(): State
  /** Under which the cluster knows this process; 0 when it does not. */
  incarnation(): number
  /** Whether this node may send calls. */
  inTouch(): boolean
  /** Calls that this node has room for … */
  room(): number
  /** … and below which there is hardly any. @default 0 */
  roomMin?: number
  waitApplied(index: number, timeoutMs: number): Promise<void>
}

/** The workers of a node: each asks the leader for what is to be placed, plans it on the state here, and hands it back. */
export class Workers {
  readonly #deps: WorkersDeps
  readonly #board: Board
  /** Calls that were asked for or planned, and have not begun. */
  #promised = 0
  #sleepers: (() => void)[] = []
  #stopped = false

  constructor(deps: WorkersDeps) {
    this.#deps = deps
    this.#board = new Board(deps.state())
  }

  start(): void {
    for (let number = 1; number <= this.#deps.count; number++) void this.#loop(number)
  }

  /** Asks for nothing more, and forgets what has not been handed back. */
  stop(): void {
    this.#stopped = true
    this.poke()
  }

  /** There may be room, or a leader, where there was none. */
  poke(): void {
    if (this.#sleepers.length === 0) return
    const sleepers = this.#sleepers
    this.#sleepers = []
    for (const wake of sleepers) wake()
  }

  async #loop(worker: number): Promise<void> {
    const { node, port, incarnation, inTouch, room, roomMin = 0, logger } = this.#deps
    const holds = new Set<string>()
    let gathered = false
    while (!this.#stopped) {
      const free = Math.min(room() - this.#promised, DELIVERY_MAX)
      if (free < 1 || holds.size >= FLIGHTS_MAX || incarnation() === 0 || !inTouch()) {
        await this.#poked()
        continue
      }
      if (free < roomMin && !gathered) {
        await this.#pause(GATHER_MS)
        gathered = true
        continue
      }
      gathered = false
      this.#promised += free
      let delivery: Delivery | undefined
      try {
        delivery = await port.ask({ node, incarnation: incarnation(), worker, room: free, holds: [...holds] })
      } catch (error) {
        logger.debug({ error: String(error) }, 'the leader could not be asked for work')
      }
      this.#promised -= free
      if (delivery === undefined) await this.#pause(AGAIN_MS)
      else if (delivery.evaluations.length > 0) void this.#work(worker, delivery, holds)
    }
  }

  async #work(worker: number, { token, index, evaluations }: Delivery, holds: Set<string>): Promise<void> {
    const { node, incarnation, waitApplied } = this.#deps
    const calls = evaluations.reduce((sum, one) => sum + callsIn(one), 0)
    holds.add(token)
    this.#promised += calls
    try {
      const plan = { node, incarnation: incarnation(), worker, token, planned: await this.#plan(index, evaluations) }
      const handed = await this.#hand(plan)
      // Until then the calls are neither under way nor forgotten.
      if (handed && handed.index > this.#deps.state().index) await waitApplied(handed.index, CATCH_UP_MS)
    } catch (error) {
      this.#deps.logger.debug({ error: String(error) }, 'what a worker planned is not here yet')
    }
    this.#promised -= calls
    holds.delete(token)
    this.poke()
  }

  async #plan(index: number, evaluations: Evaluation[]): Promise<Planned[]> {
    const { clock, random, state, waitApplied } = this.#deps
    try {
      if (index > state().index) await waitApplied(index, CATCH_UP_MS)
    } catch (error) {
      return evaluations.map(() => ({ fault: String(error) }))
    }
    return planAll(this.#board, state(), evaluations, { now: clock.now(), chance: () => random.next() })
  }

  /** Hands a plan back, again while nobody says that it came: the token makes once of it. */
  async #hand(plan: Plan): Promise<Handed | undefined> {
    const { clock, port, logger } = this.#deps
    const until = clock.monotonic() + DELIVERY_MS
    while (!this.#stopped) {
      try {
        return await port.hand(plan)
      } catch (error) {
        logger.debug({ error: String(error) }, 'a plan could not be handed back')
        if (clock.monotonic() >= until) break
        await this.#pause(AGAIN_MS)
      }
    }
    return undefined
  }

  /** Resolves when there may be something to ask for. */
  #poked(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(LOOK_MS, () => this.poke())
      this.#sleepers.push(() => {
        cancel()
        resolve()
      })
    })
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#deps.clock.after(ms, resolve))
  }
}

function callsIn({ wanted }: Evaluation): number {
  return wanted.kind === 'fires' ? wanted.fires : 1
}
