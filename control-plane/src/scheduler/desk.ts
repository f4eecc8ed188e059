import type { Outcome } from '../cluster/consensus.ts'
import type { Job } from '../jobs/job.ts'
import { Problem } from '../problems.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Event } from '../state/applied.ts'
import type { Command, FireDecision } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import { Broker, READY_MAX } from './broker.ts'
import type { Ask, BrokerPort, Delivery, Handed, Plan } from './evaluation.ts'
import { deliveryOf, type Moment, type Out } from './pending.ts'
import { type AppliedPlan, applyPlan } from './plan-applier.ts'
import { HOLD_MS, PATIENCE_MS, Pollers } from './pollers.ts'
import { PollingSeen } from './polling-seen.ts'
import type { QueueFigures } from './queue-figures.ts'
import { WorkerLedger } from './worker-ledger.ts'

/** How long what could not be committed waits before it is looked at again, in milliseconds. */
const AGAIN_MS = 250
/** Workers of one node, at most: those with higher numbers get nothing. */
const WORKERS_MAX = 64

export interface DeskDeps {
  clock: Clock
  logger: Logger
  /** Id of this member. */
  node: string
  options: { catchUpPerSecond: number }
  state(): State
  /** Whether the cluster knows this process: what executors poll for would be nobody's to hand out. @default always */
  isKnown?(): boolean
  propose(command: Command): Promise<Outcome>
  /** Fires of these jobs are decided, or have to be found anew. */
  onDecided(jobs: readonly number[]): void
  /** There is something to do after so many milliseconds. */
  wake(delayMs: number): void
}

/** Where the workers of all nodes get what is to be planned and bring their plans, while this node leads. */
export class Desk implements BrokerPort {
  readonly #deps: DeskDeps
  readonly #broker: Broker
  readonly #pollers = new Pollers()
  readonly #ledger = new WorkerLedger()
  readonly #polling: PollingSeen
  /** Raised each time that it opens or closes: what was begun before is not gone on with. */
  #term = 0
  #open = false
  /** Since when work waits for a node that was given less, by the monotonic clock. */
  #heldSince: number | undefined

  constructor(deps: DeskDeps) {
    this.#deps = deps
    this.#broker = new Broker(deps.state, deps.options.catchUpPerSecond)
    this.#polling = new PollingSeen(deps.state)
  }

  open(): void {
    this.#term += 1
    this.#open = true
    this.#ledger.clear()
    this.#polling.forget()
    this.#broker.rebuild()
  }

  close(): void {
    this.#term += 1
    this.#open = false
    this.#broker.clear()
    this.#pollers.clear()
  }

  /** Queued runs that wait for a place. */
  get waiting(): number {
    return this.#broker.backlog.waiting
  }

  /** Whether more fires may be offered. */
  get hasRoom(): boolean {
    return this.#broker.ready < READY_MAX
  }

  onEvent(event: Event): void {
    if (!this.#open) return
    if (event.type === 'node-changed') this.#forget(event.node)
    this.#polling.onEvent(event)
    if (this.#broker.onEvent(event)) this.#deps.wake(0)
  }

  offer(job: Job, decision: FireDecision): void {
    this.#broker.offer(job, decision, this.#now())
  }

  comesLater(job: Job): boolean {
    return this.#broker.backlog.comesLater(job)
  }

  withdraw(job: number): FireDecision | undefined {
    return this.#broker.withdraw(job)
  }

  /** Fires that no worker could plan, or that no slot is free for. */
  takeExhausted(): FireDecision[] {
    return this.#broker.takeExhausted()
  }

  /** Once a beat: what found no place is looked at again. */
  retryBlocked(): void {
    this.#broker.backlog.retryBlocked()
  }

  /** Brings forward whose time has come, and hands out what can be handed out. Returns after how long to look again. */
  advance(): number {
    const now = this.#now()
    for (const out of this.#broker.advance(now)) {
      this.#ledger.lapsed(out.asker.node, out.pending.length)
      const { node, worker } = out.asker
      this.#deps.logger.warn(
        { node, worker, count: out.pending.length },
        'a worker did not hand back what it was given',
      )
    }
    this.#warnOfFailed()
    this.#pollers.expire(now.mono)
    this.serve()
    const held = this.#heldSince === undefined ? Number.POSITIVE_INFINITY : PATIENCE_MS
    return Math.min(held, this.#broker.idleMs(now))
  }

  async ask(ask: Ask): Promise<Delivery> {
    const { node, incarnation, worker, holds } = ask
    const known = this.#deps.state().nodes.get(node)
    if (!this.#open) throw new Problem('not-leader', 'This node does not lead')
    if (known?.incarnation !== incarnation || known.down) throw new Problem('not-leader', 'The node is not known as up')
    if (!(worker >= 1 && worker <= WORKERS_MAX))
      throw new Problem('not-leader', `A node has ${WORKERS_MAX} workers at most`)
    const now = this.#now()
    this.#ledger.asked(node, worker)
    this.#broker.unsent((asker, token) => isSame(asker, ask) && !holds.includes(token), now)
    return new Promise((answer) => {
      this.#pollers.add({ ask, until: now.mono + HOLD_MS, answer }, now.mono)
      this.serve()
    })
  }

  async hand({ token, planned }: Plan): Promise<Handed> {
    const out = this.#open ? this.#broker.redeem(token) : undefined
    if (!out) return { known: false, index: 0 }
    const { clock, logger, node, state, propose } = this.#deps
    const term = this.#term
    if (!this.#mayPlace) {
      this.#broker.finish(out, this.#now(), () => 'again')
      return { known: true, index: 0 }
    }
    const desk = () => (this.#polling.some ? node : undefined)
    const deps = { logger, state, propose, now: () => clock.now(), desk }
    let plan: AppliedPlan
    try {
      plan = await applyPlan(deps, out.asker, out.pending, planned)
    } catch (error) {
      // What a worker of another build says may make no sense here: what it had is not lost by that.
      logger.error({ node: out.asker.node, error: String(error) }, 'a plan could not be read')
      if (term === this.#term) this.#broker.finish(out, this.#now(), () => 'fault')
      return { known: true, index: 0 }
    }
    if (plan.failed && term === this.#term) await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve))
    const handed = { known: true, index: plan.index }
    if (term !== this.#term) return handed
    this.#ledger.handed(out.asker.node, plan)
    this.#broker.finish(out, this.#now(), (_, at) => plan.finishes[at] ?? 'done')
    this.#deps.onDecided(plan.decided)
    return handed
  }

  /** Hands out what is ready to those who wait. */
  serve(): void {
    const now = this.#now()
    while (this.#open && this.#pollers.size > 0 && this.#broker.hasWork && this.#mayPlace) {
      const patient = this.#heldSince === undefined || now.mono - this.#heldSince < PATIENCE_MS
      const next = this.#pollers.next(this.#broker.waiting, patient, now.mono)
      if (!next) {
        this.#heldSince ??= now.mono
        this.#deps.wake(PATIENCE_MS)
        return
      }
      const { ask } = next.poller
      const out = this.#broker.take(ask, Math.min(ask.room, next.share), now)
      if (!out) break
      this.#ledger.given(ask.node, out.pending.length)
      this.#pollers.give(next.poller, deliveryOf(out), callsIn(out))
    }
    this.#heldSince = undefined
    if (this.#broker.exhausted.length > 0) this.#deps.wake(0)
  }

  figures(): QueueFigures {
    const { catchUpPerSecond } = this.#deps.options
    return { evaluations: this.#broker.counts(), catchUpPerSecond, nodes: this.#ledger.figures() }
  }

  /** Executors that poll get their calls here, from a process that can be told of them. */
  get #mayPlace(): boolean {
    return !this.#polling.some || (this.#deps.isKnown?.() ?? true)
  }

  /** A node is gone, or is another process now: others get what it had. */
  #forget(node: string): void {
    const known = this.#deps.state().nodes.get(node)
    const isGone = (incarnation: number) => known?.down === true || known?.incarnation !== incarnation
    this.#pollers.forget(node)
    this.#broker.lost((asker) => asker.node === node && isGone(asker.incarnation), this.#now())
    this.#deps.wake(0)
  }

  #warnOfFailed(): void {
    const failed = this.#broker.takeFailed()
    if (failed.length === 0) return
    const kinds = [...new Set(failed.map(({ evaluation }) => evaluation.wanted.kind))].sort().join(' ')
    const followUps = failed.reduce((most, one) => Math.max(most, one.followUps), 0)
    this.#deps.logger.warn(
      { count: failed.length, kinds, followUps },
      'what nobody could plan is begun anew in a minute',
    )
  }

  #now(): Moment {
    const { clock } = this.#deps
    return { wall: clock.now(), mono: clock.monotonic() }
  }
}

function isSame(a: { node: string; worker: number }, b: { node: string; worker: number }): boolean {
  return a.node === b.node && a.worker === b.worker
}

function callsIn({ pending }: Out): number {
  return pending.reduce((sum, { calls }) => sum + calls, 0)
}
