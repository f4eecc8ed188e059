import { raftId } from '../../../control-plane/src/cluster/member-id.ts'
import type { Core } from '../../../control-plane/src/core.ts'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import { isPulled } from '../../../control-plane/src/discovery/pull.ts'
import type { Http } from '../../../control-plane/src/dispatch/http.ts'
import { Beats } from '../../../control-plane/src/registration/beats.ts'
import { PollDesk, type PolledCall } from '../../../control-plane/src/registration/poll-desk.ts'
import { type PollAnswer, type PollAsked, Polls } from '../../../control-plane/src/registration/polls.ts'
import type { Clock } from '../../../control-plane/src/runtime/clock.ts'
import type { Event } from '../../../control-plane/src/state/applied.ts'
import type { NodeProcess } from './machine.ts'

/** How long a poll hangs at most, in milliseconds. */
const HOLD_MS = 4000

type Question = ['poll', PollAsked, string] | ['left', string]

/** What one process of a node does for executors that poll, as `registry.ts` joins it; nobody is pinged here. */
export class PollPoint {
  readonly #process: NodeProcess
  readonly #desk: WatchedDesk
  readonly #onLeave: (attempt: string) => void
  #polls: Polls | undefined

  /** `onLeave`: called with every attempt as it is handed out, and again as the poll is answered. */
  constructor(process: NodeProcess, onLeave: (node: string, attempt: string) => void) {
    this.#process = process
    this.#onLeave = (attempt) => onLeave(process.member, attempt)
    this.#desk = new WatchedDesk(process.clock, this.#onLeave)
  }

  /** This way for those who poll, the other one for everybody else. */
  beside(other: Http): Http {
    const http = this.#desk.beside(other)
    return {
      ...http,
      send: (request, owner, options) => {
        const attempt = isPulled(request.origin) ? attemptIn(request.body) : undefined
        if (attempt === undefined) return http.send(request, owner, options)
        const onSent = () => {
          if (!owner.onSent()) return false
          this.#onLeave(attempt)
          return true
        }
        return http.send(request, { onSent, onDone: (result) => owner.onDone(result) }, options)
      },
    }
  }

  follow(core: Core): void {
    const { clock, member: node } = this.#process
    const { consensus, network } = core
    const state = () => core.state
    const find = ({ service, id, bootId }: Executor, status: 'online' | 'suspect' | 'draining') => {
      const found = { service, id, boot: bootId ?? '', status }
      consensus.propose({ kind: 'executors-found', at: clock.now(), executors: [found] }).catch(() => undefined)
    }
    const beats = new Beats({ clock, node, state, consensus, network, onNews: find })
    this.#polls = new Polls({
      clock,
      node,
      state,
      consensus,
      pollDesk: this.#desk,
      holdMsMax: HOLD_MS,
      hear: (beat) => beats.hear(beat),
      heard: (executor) => beats.heard(executor),
      onPolled: (executor) => find(executor, 'online'),
      onLost: (executor) => find(executor, 'suspect'),
      ask: (leader, question, timeoutMs) =>
        network.request(
          raftId(leader),
          'executors',
          Buffer.from(JSON.stringify(question satisfies Question)),
          timeoutMs,
        ),
    })
    const changed = ({ isLeader, signal }: ReturnType<typeof consensus.leadership>) => {
      beats.clear()
      this.#desk.close()
      if (isLeader && !signal.aborted) this.#desk.open(state)
    }
    consensus.onLeadership(changed)
    changed(consensus.leadership())
  }

  onEvent(event: Event): void {
    if (event.type === 'node-changed') this.#polls?.lost(event.node)
    if (event.type === 'definitions-changed' && event.what === 'executor') this.#desk.onChange()
  }

  async answer(body: Uint8Array): Promise<Uint8Array> {
    const [about, what, ref] = JSON.parse(Buffer.from(body).toString()) as Question
    if (this.#polls === undefined) throw new Error('it has yet to begin')
    if (about === 'poll') return this.#polls.answer(what, ref)
    this.#polls.left(what)
    return new Uint8Array()
  }

  /** Never settles when the process is gone. */
  poll(asked: PollAsked, signal: AbortSignal): Promise<PollAnswer> {
    return this.#polls?.poll(asked, signal) ?? Promise.reject(new Error('it has yet to begin'))
  }
}

/** Tells what it answers polls with. */
class WatchedDesk extends PollDesk {
  readonly #onAnswer: (attempt: string) => void

  constructor(clock: Clock, onAnswer: (attempt: string) => void) {
    super(clock)
    this.#onAnswer = onAnswer
  }

  override async poll(...asked: Parameters<PollDesk['poll']>): Promise<PolledCall[]> {
    const calls = await super.poll(...asked)
    for (const { body } of calls) {
      const attempt = attemptIn(body)
      if (attempt !== undefined) this.#onAnswer(attempt)
    }
    return calls
  }
}

function attemptIn(body: Buffer | string | undefined): string | undefined {
  const { type, data } = JSON.parse(body?.toString() ?? '{}') as { type?: string; data?: { attemptId: string } }
  return type === 'run.dispatch' ? data?.attemptId : undefined
}
