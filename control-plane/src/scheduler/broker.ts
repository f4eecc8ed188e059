import type { Job } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Event } from '../state/applied.ts'
import type { FireDecision } from '../state/commands.ts'
import type { State } from '../state/state.ts'
import { Backlog, callsOf } from './backlog.ts'
import type { Asker } from './evaluation.ts'
import { Heap } from './heap.ts'
import { lineOf } from './lines.ts'
import { Parts } from './parts.ts'
import { comesFirst, type Finish, fullnessOf, leavesBefore, type Moment, type Out, type Pending } from './pending.ts'
import { wantsPlace } from './plan-applier.ts'
import { EvaluationCounts } from './evaluation-counts.ts'
import type { EvaluationCount } from './queue-figures.ts'
import { SlotRoom } from './slot-room.ts'
import { type Line, lineKeyOf, type WaitingRun } from './waiting-runs.ts'
import type { Wait } from './waits.ts'

/** How long a worker may have what it was given before somebody else gets it, in milliseconds. */
export const DELIVERY_MS = 10_000
/** Deliveries of one evaluation before it is given up for a while. */
export const DELIVERIES_MAX = 3
/** How long what could not be planned waits for its next delivery: the first time, and every later one. */
export const NACK_MS: readonly [number, number] = [1000, 20_000]
/** How long what failed every delivery waits before it is begun anew, in milliseconds, and how often that is done to fires. */
export const FOLLOW_UP_MS = 60_000
export const FOLLOW_UPS_MAX = 10
/** Evaluations in one delivery, at most. */
export const DELIVERY_MAX = 256
/** Evaluations of fires and shards that are ready, at most; further ones stay where they come from. */
export const READY_MAX = 8192

/**
 * The leader's memory of what is to be placed: fires that are due, queued runs, shards whose wait is over; by priority,
 * those of one job with one worker at a time. Who takes some has a token and a deadline. It can be made anew from the
 * state and the schedules at any time.
 */
export class Broker {
  readonly backlog: Backlog
  readonly #state: () => State
  readonly #ready = new Heap<Pending>(comesFirst)
  readonly #delayed = new Heap<{ at: number; pending: Pending }>((a, b) => a.at < b.at)
  /** By token, in the order in which their deadlines come. */
  readonly #out = new Map<string, Out>()
  /** Those that came back and are being proposed. */
  readonly #handed = new Map<string, Out>()
  /** Jobs that somebody has evaluations of, and under which token. */
  readonly #busy = new Map<number, string>()
  /** What waits for one of its job to come back, in order. */
  readonly #behind = new Map<number, Pending[]>()
  readonly #fires = new Map<number, Pending>()
  readonly #parts: Parts
  readonly #slots: SlotRoom
  #deliveries = 0
  /** Evaluations that failed every delivery and are begun anew later, or fires decided without a place: to be told of. */
  failed: Pending[] = []
  /** Fires to be decided without a place: nobody could plan them, however often, or no slot is free. */
  exhausted: FireDecision[] = []

  constructor(state: () => State, catchUpPerSecond: number) {
    this.#state = state
    this.backlog = new Backlog(state, catchUpPerSecond)
    this.#slots = new SlotRoom(state)
    this.#parts = new Parts(state, this.backlog)
  }

  /** Fires and shards that a worker may have. */
  get ready(): number {
    return this.#ready.size + this.#slots.size
  }

  /** Those, and the queued runs. */
  get waiting(): number {
    return this.ready + this.backlog.waiting
  }

  /** Whether there is something for a worker. */
  get hasWork(): boolean {
    return this.ready > 0 || this.backlog.hasRuns
  }

  /** How long until there is something to do, without anything happening, in milliseconds. */
  idleMs({ wall, mono }: Moment): number {
    const deadline = this.#out.values().next().value?.until ?? Number.POSITIVE_INFINITY
    const wait = this.#ready.size < READY_MAX ? this.backlog.earliest : undefined
    const delayed = this.#delayed.first?.at ?? Number.POSITIVE_INFINITY
    return Math.max(0, Math.min(deadline - mono, delayed - mono, (wait ?? Number.POSITIVE_INFINITY) - wall))
  }

  rebuild(): void {
    this.clear()
    this.backlog.rebuild()
  }

  clear(): void {
    this.backlog.clear()
    this.#slots.clear()
    this.#ready.clear()
    this.#delayed.clear()
    for (const map of [this.#out, this.#handed, this.#busy, this.#behind, this.#fires, this.#parts]) map.clear()
    this.exhausted = []
    this.failed = []
  }

  /** Takes note of what happened; true when there may be something to place. */
  onEvent(event: Event): boolean {
    return this.backlog.onEvent(event)
  }

  /** Fires of a job that are due. The caller offers no more of the job before they are decided. */
  offer(job: Job, decision: FireDecision, { wall }: Moment): void {
    const fires = decision.fires.filter(wantsPlace).length
    const wanted = { kind: 'fires', version: decision.version, fires } as const
    const pending: Pending = {
      evaluation: { job: job.uid, wanted },
      index: this.#state().index,
      priority: job.spec.priority,
      calls: fires * callsOf(this.#state(), job),
      namespace: job.namespace,
      since: wall,
      deliveries: 0,
      followUps: 0,
      decision,
    }
    this.#fires.set(job.uid, pending)
    this.#ready.add(pending)
  }

  /** Brings forward what has waited for its time: parts whose wait is over, what was delayed, what nobody handed back. */
  advance(now: Moment): Out[] {
    for (let first = this.#delayed.first; first && first.at <= now.mono; first = this.#delayed.first) {
      this.#delayed.take()
      if (!first.pending.withdrawn) this.#return(first.pending)
    }
    this.#offerShards(now)
    const lapsed: Out[] = []
    for (const out of this.#out.values()) {
      if (out.until > now.mono) break
      lapsed.push(out)
    }
    for (const out of lapsed) this.finish(out, now, () => 'fault')
    return lapsed
  }

  /** Up to `room` calls' worth of evaluations for a worker, under a token. */
  take(asker: Asker, room: number, { wall, mono }: Moment): Out | undefined {
    const token = `${this.#state().term}.${++this.#deliveries}`
    const isBusy = (job: number) => this.#busy.has(job) && this.#busy.get(job) !== token
    const pending: Pending[] = []
    let left = room
    const add = (one: Pending) => {
      pending.push(one)
      left -= one.calls
      this.#slots.given(one)
      this.#busy.set(one.evaluation.job, token)
    }
    this.#offerShards({ wall, mono })
    this.#unparked()
    const share = Math.min(room, DELIVERY_MAX)
    // What is only tried takes half of a delivery; of the only place of one, each second time.
    const tries = (share + (this.#deliveries & 1)) >> 1
    const round = this.backlog.round({ now: wall, isBusy, slots: this.#slots, tries })
    // So many runs of a priority may come before fires of the same.
    const most = this.#ready.size > 0 ? (share + 1) >> 1 : share
    let runs = 0
    while (left > 0 && pending.length < DELIVERY_MAX) {
      const run = round?.first()
      const first = this.#ready.first ?? (run ? undefined : this.#unparked())
      const next = run && round && (!first || leavesBefore(run, first, runs < most, round.isShort)) ? run : undefined
      const one = next ? this.#runPending(next, wall) : first
      if (!one || (one.calls > left && pending.length > 0)) break
      if (next && round) {
        if (this.backlog.take(round, next)) delete one.namespace
        runs += 1
        add(one)
        continue
      }
      this.#ready.take()
      if (one.withdrawn) continue
      if (isBusy(one.evaluation.job)) this.#waitBehind(one)
      else if (one.wait ? this.#parts.isCurrent(one) : this.#hasRoom(one)) add(one)
    }
    if (round) this.backlog.close(round)
    if (pending.length === 0) return undefined
    // What has begun comes before what waits to begin: else a part that needs a certain slot might never see it free.
    pending.sort((a, b) => Number(b.wait !== undefined) - Number(a.wait !== undefined))
    const out: Out = { token, asker, pending, index: this.#state().index, until: mono + DELIVERY_MS }
    this.#out.set(token, out)
    return out
  }

  /** What a worker hands back; undefined when somebody else has it by now. From here on it has no deadline. */
  redeem(token: string): Out | undefined {
    const out = this.#out.get(token)
    if (!out) return undefined
    this.#out.delete(token)
    this.#handed.set(token, out)
    return out
  }

  /** A worker never got what it was sent: others may have it at once. */
  unsent(isOf: (asker: Asker, token: string) => boolean, now: Moment): void {
    for (const out of this.#of(isOf)) this.finish(out, now, () => 'again')
  }

  /** Workers are gone: others may have at once what they had, unless too many have gone over it. */
  lost(isOf: (asker: Asker) => boolean, now: Moment): void {
    for (const out of this.#of(isOf)) this.finish(out, now, (pending) => (this.#survives(pending) ? 'again' : 'fault'))
  }

  /** Ends a delivery: says of each evaluation what came of it. */
  finish(out: Out, now: Moment, of: (pending: Pending, at: number) => Finish): void {
    this.#out.delete(out.token)
    this.#handed.delete(out.token)
    for (const { evaluation } of out.pending) this.#free(evaluation.job, out.token)
    for (const parked of this.#slots.back(out.pending)) this.#ready.add(parked)
    const room = new Map<string, { run: WaitingRun; full: Line['full'] }>()
    for (const [at, pending] of out.pending.entries()) {
      if (pending.withdrawn) continue
      const finish = of(pending, at)
      const { run } = pending
      const full = fullnessOf(finish)
      if (run && full !== undefined) {
        const line = lineKeyOf(run)
        room.set(line, { run, full: full || (room.get(line)?.full ?? false) })
      }
      if (finish === 'fault') this.#nack(pending, now)
      else this.#settle(pending, finish, now)
      if (finish === 'unfit' && run) this.backlog.setAside(run)
    }
    for (const { run, full } of room.values()) this.backlog.noteRoom(run, full)
  }

  /** Takes a job's fires out of the hands of whoever has them, unless they are being proposed already. */
  withdraw(job: number): FireDecision | undefined {
    const pending = this.#fires.get(job)
    const handed = this.#handed.get(this.#busy.get(job) ?? '')
    if (!pending?.decision || handed?.pending.includes(pending)) return undefined
    pending.withdrawn = true
    this.#fires.delete(job)
    return pending.decision
  }

  takeFailed(): Pending[] {
    const { failed } = this
    if (failed.length > 0) this.failed = []
    return failed
  }

  takeExhausted(): FireDecision[] {
    const exhausted = this.exhausted
    this.exhausted = []
    return exhausted
  }

  /** How many evaluations are in which state, by kind. */
  counts(): EvaluationCount[] {
    const counts = new EvaluationCounts()
    for (const list of [this.#ready.items(), this.#slots.items()]) counts.each(list, 'ready')
    for (const { pending } of this.#delayed.items()) counts.each([pending], 'delayed')
    for (const outs of [this.#out, this.#handed]) for (const out of outs.values()) counts.each(out.pending, 'out')
    for (const list of this.#behind.values()) counts.each(list, 'behind')
    for (const line of this.backlog.lines())
      counts.add('run', line.asleep || line.out ? 'blocked' : 'ready', line.size, this.backlog.head(line)?.since)
    counts.add('shard', 'blocked', this.backlog.blocked)
    return counts.all
  }

  #offerShards({ wall }: Moment): void {
    const room = READY_MAX - this.#ready.size
    if (room > 0) this.#offerAll(this.backlog.takeShards(wall, room), wall)
  }

  #offerAll(waits: readonly Wait[], now: Millis): void {
    for (const wait of waits) {
      const pending = this.#parts.offer(wait, now)
      if (pending) this.#ready.add(pending)
    }
  }

  #runPending(run: WaitingRun, now: Millis): Pending {
    const state = this.#state()
    const job = state.jobs.get(run.job)
    const line = lineOf(run.namespace, run.service)
    return {
      evaluation: { job: run.job, wanted: { kind: 'run', run: run.id, line } },
      index: run.sequence,
      priority: run.priority,
      calls: job ? callsOf(state, job) : 1,
      namespace: run.namespace,
      since: run.since ?? now,
      deliveries: run.tries?.deliveries ?? 0,
      followUps: run.tries?.followUps ?? 0,
      run,
    }
  }

  #unparked(): Pending | undefined {
    for (const parked of this.#slots.idle()) this.#ready.add(parked)
    return this.#ready.first
  }

  /** Whether fires may go to a worker. Those that nothing is free for are queued without one, unless they would fail. */
  #hasRoom(pending: Pending): boolean {
    const { job } = pending.evaluation
    const room = this.#slots.of(pending)
    if (room === 'now' || (room === 'none' && this.#state().jobs.get(job)?.spec.whenFull === 'fail')) return true
    if (room === 'later') this.#slots.park(pending)
    else this.#giveUp(pending)
    return false
  }

  #settle(pending: Pending, finish: Exclude<Finish, 'fault'>, { wall }: Moment): void {
    const { evaluation, run, wait } = pending
    if (run) {
      if (pending.deliveries > 0) run.tries = { deliveries: pending.deliveries, followUps: pending.followUps }
      this.backlog.back(run)
    } else if (wait) this.#parts.settle(wait, pending.group ?? '', finish, wall)
    else if (finish === 'again') this.#ready.add(pending)
    else this.#fires.delete(evaluation.job)
  }

  #of(isOf: (asker: Asker, token: string) => boolean): Out[] {
    return [...this.#out.values()].filter(({ asker, token }) => isOf(asker, token))
  }

  /** Counts a delivery that did not end; false when it was the last one. */
  #survives(pending: Pending): boolean {
    if (pending.deliveries + 1 >= DELIVERIES_MAX) return false
    pending.deliveries += 1
    return true
  }

  /**
   * One that could not be planned is delivered again after a wait; after the last time it is begun anew, later: fires so
   * often and no more, runs and parts for as long as they wait.
   */
  #nack(pending: Pending, { mono }: Moment): void {
    if (pending.run) this.backlog.back(pending.run, true)
    pending.deliveries += 1
    let delay = pending.deliveries === 1 ? NACK_MS[0] : NACK_MS[1]
    if (pending.deliveries >= DELIVERIES_MAX) {
      this.failed.push(pending)
      if (pending.decision && pending.followUps >= FOLLOW_UPS_MAX) return this.#giveUp(pending)
      pending.followUps += 1
      pending.deliveries = 0
      delay = FOLLOW_UP_MS
    }
    const { deliveries, followUps } = pending
    if (pending.run) pending.run.tries = { deliveries, followUps }
    this.#delayed.add({ at: mono + delay, pending })
  }

  /** Fires become queued runs, which their time to live bounds as it bounds those. */
  #giveUp({ evaluation, decision }: Pending): void {
    this.#fires.delete(evaluation.job)
    if (decision) this.exhausted.push(decision)
  }

  /** What was delayed is there again. */
  #return(pending: Pending): void {
    if (pending.run) this.backlog.again(pending.run)
    else this.#ready.add(pending)
  }

  #waitBehind(pending: Pending): void {
    const { job } = pending.evaluation
    const list = this.#behind.get(job)
    if (list) list.push(pending)
    else this.#behind.set(job, [pending])
  }

  #free(job: number, token: string): void {
    if (this.#busy.get(job) !== token) return
    this.#busy.delete(job)
    for (const pending of this.#behind.get(job) ?? []) this.#ready.add(pending)
    this.#behind.delete(job)
    this.backlog.release(job)
  }
}
