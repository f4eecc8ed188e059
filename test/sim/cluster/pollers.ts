import type { PolledCall } from '../../../control-plane/src/registration/poll-desk.ts'
import type { PollAnswer } from '../../../control-plane/src/registration/polls.ts'
import { EXECUTOR_IDS, type ExecutorId, SERVICES } from '../definitions.ts'
import { SeededRandom } from '../seeded-random.ts'
import type { Executors } from './executors.ts'
import { POLL_FAULTS, type PollFault, type Profile, type Strikes } from './faults.ts'
import type { NodeProcess } from './machine.ts'
import { PollPoint } from './poll-point.ts'
import type { World } from './world.ts'

/** Greatest rate of each fault, per poll. */
const MOST: Record<PollFault, number> = { 'poll-breaks': 0.1, 'poll-lost': 0.1, 'poll-twice': 0.05 }
/** How much longer than a poll may hang it is waited for, and until the next one where nobody answers, in milliseconds. */
const PATIENCE_MS = 500
const AGAIN_MS = 100

/** Which executors of a seed poll, and how often what befalls that. Undefined, unless `always`, in seven seeds of ten: nodes call all of them. */
export function drawPolling(
  seed: number,
  { rates }: Pick<Profile, 'rates'>,
  always: boolean,
): ReadonlySet<ExecutorId> | undefined {
  const random = new SeededRandom(seed ^ 0x1f83d9ab)
  if (!random.chance(0.3) && !always) return undefined
  for (const name of POLL_FAULTS) rates[name] = MOST[name] * random.pick([0, 0.3, 1])
  const first = random.pick(EXECUTOR_IDS)
  return new Set(random.chance(0.4) ? [first, random.pick(EXECUTOR_IDS)] : [first])
}

export interface PollersDeps {
  seed: number
  /** Those that poll, in all services. */
  ids: ReadonlySet<ExecutorId>
  world: World
  strikes: Strikes
  executors: Executors
  anyNode(): NodeProcess | undefined
  /** Called with every attempt as it is handed out. */
  onLeave(node: string, attempt: string): void
}

/** The executors of a world that poll: each asks a node after the other, and takes what it is answered with. */
export class Pollers {
  readonly #deps: PollersDeps
  readonly #random: SeededRandom
  /** Who handed an attempt out. */
  readonly #from = new Map<string, string>()

  constructor(deps: PollersDeps) {
    this.#deps = deps
    this.#random = new SeededRandom(deps.seed ^ 0x3ade68b1)
    for (const service of SERVICES) for (const id of deps.ids) this.#pollLater(service, id, AGAIN_MS)
  }

  /** Where executors poll in a process of a node. */
  open(process: NodeProcess): PollPoint {
    return new PollPoint(process, (node, attempt) => {
      this.#from.set(attempt, node)
      this.#deps.onLeave(node, attempt)
    })
  }

  #pollLater(service: string, id: ExecutorId, delayMs: number): void {
    this.#deps.world.later(delayMs, 'polls', () => this.#poll(service, id))
  }

  #poll(service: string, id: ExecutorId): void {
    const { world, strikes, executors, anyNode } = this.#deps
    const node = anyNode()
    const boot = executors.bootOf(service, id)
    if (node === undefined || boot === undefined) return this.#pollLater(service, id, AGAIN_MS)
    const waitMs = this.#random.pick([200, 1000, 4000])
    const leaving = new AbortController()
    const isLost = strikes.strikes('poll-lost')
    let isOver = false
    const end = (answer?: PollAnswer) => {
      if (isOver) return
      isOver = true
      stopWaiting()
      const gone = boot !== executors.bootOf(service, id)
      for (const call of gone ? [] : (answer?.calls ?? [])) this.#take(call)
      if (!gone && answer?.answer === 'register') executors.comeAnew(service, id)
      this.#pollLater(service, id, (answer?.calls.length ?? 0) > 0 ? 1 : AGAIN_MS)
    }
    const leave = () => {
      world.laterIn(
        () => node,
        1,
        'poll left',
        () => leaving.abort(),
      )
      end()
    }
    const breaksMs = strikes.strikes('poll-breaks') ? this.#random.next() * waitMs : waitMs + PATIENCE_MS
    const stopWaiting = world.later(breaksMs, 'poll breaks', leave)
    const asked = { namespace: 'default', service, id, boot, state: 'online' as const, inFlight: 0, waitMs }
    world.laterIn(
      () => node,
      1,
      'poll',
      () => {
        if (isOver) return
        const answered = (answer?: PollAnswer) => {
          // The bytes are on their way, whatever becomes of the node.
          if (!isLost) world.later(1, 'poll answered', () => end(answer))
        }
        node.polling?.poll(asked, leaving.signal).then(answered, () => answered())
      },
    )
  }

  #take(call: PolledCall): void {
    const { executors, strikes } = this.#deps
    const { data } = JSON.parse(call.body) as { data: { attemptId: string } }
    const from = this.#from.get(data.attemptId) ?? 'nobody'
    executors.takePolled(from, call, strikes.strikes('poll-twice') ? 2 : 1)
  }
}
