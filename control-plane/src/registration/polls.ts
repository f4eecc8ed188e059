import { Packr } from 'msgpackr'
import type { Consensus } from '../cluster/consensus.ts'
import type { Executor } from '../discovery/executor.ts'
import { pulls } from '../discovery/pull.ts'
import { Problem, type ProblemCode } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import { findExecutor } from '../state/executors.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import type { Beat, BeatAnswer, Heard } from './beats.ts'
import type { PollDesk, PolledCall } from './poll-desk.ts'

/** Polls that hang on one node at most: each that is handed on takes one of the requests that may be under way there. */
const POLLS_MAX = 4096
/** Of one namespace: there is always room for others. */
const NAMESPACE_POLLS_MAX = 3072
/** How much longer than a poll may hang its answer may take, in milliseconds. */
const MARGIN_MS = 2000
/** How long a poll waits for somebody to lead, in milliseconds: another node may know whoever does. */
const LEADER_WAIT_MS = 3000
/** How long one that does not lead any more has to answer a poll that hangs there, in milliseconds. */
const DEPOSED_MS = 500
/** How long an executor whose poll broke has to come back, in milliseconds. */
const BACK_WITHIN_MS = 2000

const packr = new Packr({ useRecords: false })

/** A poll: what a heartbeat says, and how long it may hang. Names are looked up where it is answered. */
export interface PollAsked extends Omit<Beat, 'service'> {
  namespace: string
  service: string
  waitMs: number
}

export interface PollAnswer {
  answer: BeatAnswer
  calls: PolledCall[]
}

/** What the leader says to another member; a Problem as its code. */
type Told = PollAnswer | { problem: ProblemCode; detail: string }

export interface PollsDeps {
  clock: Clock
  /** Id of this member. */
  node: string
  state(): State
  consensus: Pick<Consensus, 'leadership' | 'onLeadership'>
  pollDesk: PollDesk
  /** How long a poll may hang, so that the next one comes before the executor counts as silent. */
  holdMsMax: number
  hear(beat: Beat): BeatAnswer
  heard(executor: Executor): Heard | undefined
  /** One that had yet to poll has. */
  onPolled(executor: Executor): void
  /** Its poll broke, and it did not come back. */
  onLost(executor: Executor): void
  /** Asks the leader. */
  ask(leader: string, question: ['poll', PollAsked, string] | ['left', string], timeoutMs: number): Promise<Uint8Array>
}

/** Polls of executors, on whichever node they come: they hang on the one that leads. */
export class Polls {
  readonly #deps: PollsDeps
  /** Polls that other members handed on, by what they call them. */
  readonly #handedOn = new Map<string, AbortController>()
  readonly #hanging = new Set<AbortController>()
  /** How many of them are of which namespace. */
  readonly #namespaces = new Map<string, number>()
  /** Executors whose poll broke, and who may come back yet. */
  readonly #doubts = new Set<() => void>()
  #count = 0
  #refs = 0

  constructor(deps: PollsDeps) {
    this.#deps = deps
  }

  /** Polls that came to this node since the process started. */
  get count(): number {
    return this.#count
  }

  /** Polls that came to this node and hang. */
  get size(): number {
    return this.#hanging.size
  }

  /** Asks whoever leads for calls, for as long as it says. A Problem when nobody leads, or too many polls hang here. */
  async poll(asked: PollAsked, signal: AbortSignal): Promise<PollAnswer> {
    this.#count += 1
    const { namespace } = asked
    const those = this.#namespaces.get(namespace) ?? 0
    if (this.#hanging.size >= POLLS_MAX || those >= NAMESPACE_POLLS_MAX)
      throw new Problem('too-many-polls', `${Math.max(those, this.#hanging.size)} polls hang on this node already`)
    const released = new AbortController()
    this.#hanging.add(released)
    this.#namespaces.set(namespace, those + 1)
    try {
      return await this.#anywhere(asked, AbortSignal.any([signal, released.signal]))
    } finally {
      this.#hanging.delete(released)
      this.#ended(namespace)
    }
  }

  #ended(namespace: string): void {
    const left = (this.#namespaces.get(namespace) ?? 1) - 1
    if (left > 0) this.#namespaces.set(namespace, left)
    else this.#namespaces.delete(namespace)
  }

  /** Ends the polls that came to this node, which is to stop: whoever polled turns to another one. */
  release(): void {
    for (const released of this.#hanging) released.abort()
  }

  /** Doubts nobody any more. */
  stop(): void {
    for (const cancel of this.#doubts) cancel()
    this.#doubts.clear()
  }

  /** The leader's answer to another member, whose name for the poll is `ref`. */
  async answer(asked: PollAsked, ref: string): Promise<Uint8Array> {
    return packr.pack(await this.#told(asked, ref))
  }

  async #told(asked: PollAsked, ref: string): Promise<Told> {
    const gone = new AbortController()
    this.#handedOn.set(ref, gone)
    try {
      if (!this.#deps.consensus.leadership().isLeader) throw nobody()
      return await this.#here(asked, gone.signal)
    } catch (error) {
      if (error instanceof Problem) return { problem: error.code, detail: error.message }
      throw error
    } finally {
      this.#handedOn.delete(ref)
    }
  }

  /** Whoever polled by way of another member has gone. */
  left(ref: string): void {
    this.#handedOn.get(ref)?.abort()
  }

  /** A member has gone, or was started anew: nobody waits there for the polls that it handed on. */
  lost(node: string): void {
    for (const [ref, gone] of this.#handedOn) if (ref.startsWith(`${node}/`)) gone.abort()
  }

  /** Asks whoever leads; somebody else when that one goes, as long as there is time. */
  async #anywhere(asked: PollAsked, signal: AbortSignal): Promise<PollAnswer> {
    const { clock, consensus, node } = this.#deps
    const until = clock.monotonic() + Math.min(asked.waitMs, this.#deps.holdMsMax)
    for (;;) {
      const { isLeader, leader } = consensus.leadership()
      const waitMs = Math.max(0, until - clock.monotonic())
      if (isLeader) return this.#here({ ...asked, waitMs }, signal)
      if (leader !== undefined && leader !== node) {
        const answer = await this.#handOn(leader, { ...asked, waitMs }, signal)
        if (answer) return answer
      }
      if (signal.aborted) return { answer: 'ok', calls: [] }
      await this.#someoneElse(leader, signal)
    }
  }

  /** The poll hangs here, where calls are handed out. */
  async #here(asked: PollAsked, signal: AbortSignal): Promise<PollAnswer> {
    const { hear, holdMsMax, onPolled, pollDesk, state } = this.#deps
    const { namespace, waitMs, ...said } = asked
    const service = findService(state(), state().namespaceNames.get(namespace) ?? -1, asked.service)
    if (!service) throw new Problem('service-not-found', `there is no service ${asked.service}`)
    const { uid } = service
    const { id, boot } = asked
    const answer = hear({ ...said, service: uid })
    const executor = findExecutor(state(), { service: uid, id })
    if (answer === 'register' || !executor || !pulls(executor)) return { answer: 'register', calls: [] }
    if (executor.status === 'joining') onPolled(executor)
    const broken = () => this.#broke(executor)
    signal.addEventListener('abort', broken, { once: true })
    const calls = await pollDesk.poll({ service: uid, id, boot }, Math.min(waitMs, holdMsMax), signal)
    signal.removeEventListener('abort', broken)
    return { answer, calls }
  }

  /** Undefined when that one does not lead, or has gone. */
  async #handOn(leader: string, asked: PollAsked, signal: AbortSignal): Promise<PollAnswer | undefined> {
    const { ask, clock, consensus, node } = this.#deps
    const ref = `${node}/${++this.#refs}`
    const reply = ask(leader, ['poll', asked, ref], asked.waitMs + MARGIN_MS)
    const told = await new Promise<Told | undefined>((resolve) => {
      // One that was deposed answers at once; one that is not there any more never does.
      let cancelWait = (): void => undefined
      const stopListening = consensus.onLeadership((now) => {
        if (now.leader === undefined || now.leader === leader) return
        cancelWait()
        cancelWait = clock.after(DEPOSED_MS, () => end())
      })
      const leave = () => {
        // Whether it hears of that or not: the poll ends by itself.
        ask(leader, ['left', ref], MARGIN_MS).catch(() => undefined)
        end()
      }
      const end = (bytes?: Uint8Array) => {
        stopListening()
        cancelWait()
        signal.removeEventListener('abort', leave)
        resolve(bytes && (packr.unpack(bytes) as Told))
      }
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
      reply.then(end, () => end())
    })
    if (!told || !('problem' in told)) return told
    if (told.problem === 'not-leader') return undefined
    throw new Problem(told.problem, told.detail)
  }

  /** Resolves when somebody leads, another one than was asked; a Problem when that takes too long. */
  #someoneElse(asked: string | undefined, signal: AbortSignal): Promise<void> {
    const { clock, consensus } = this.#deps
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        stopListening()
        cancelTimer()
        signal.removeEventListener('abort', leave)
        settle()
      }
      const leave = () => end(resolve)
      const look = () => {
        const { leader } = consensus.leadership()
        if (leader !== undefined && leader !== asked) end(resolve)
      }
      const cancelTimer = clock.after(LEADER_WAIT_MS, () => end(() => reject(nobody())))
      const stopListening = consensus.onLeadership(look)
      signal.addEventListener('abort', leave, { once: true })
      look()
    })
  }

  /** A poll broke off: its executor has a moment to come back. */
  #broke({ service, id, bootId }: Executor): void {
    const { clock, consensus, heard, onLost, state } = this.#deps
    const at = clock.monotonic()
    const cancel = clock.after(BACK_WITHIN_MS, () => {
      this.#doubts.delete(cancel)
      const executor = findExecutor(state(), { service, id })
      if (!consensus.leadership().isLeader || executor?.bootId !== bootId || executor?.status !== 'online') return
      if ((heard(executor)?.tick ?? 0) <= at) onLost(executor)
    })
    this.#doubts.add(cancel)
  }
}

function nobody(): Problem {
  return new Problem('not-leader', 'There is no leader to poll at the moment; try again shortly')
}
