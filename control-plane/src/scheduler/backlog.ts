import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Event } from '../state/applied.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import { mustWait } from '../state/placement.ts'
import { findService } from '../state/services.ts'
import type { State } from '../state/state.ts'
import { BlockedShards } from './blocked-shards.ts'
import { Governor } from './governor.ts'
import { groupOf, wantsOf } from './lines.ts'
import { type Occasion, Round, type RoundDeps } from './round.ts'
import { type Line, type WaitingRun, WaitingRuns, WINDOW_MAX } from './waiting-runs.ts'
import { type Wait, Waits } from './waits.ts'

/** Executors by which runs are told apart that are bound to several, at most. */
const BOUND_MAX = 8
/** Jobs whose runs would not fit that are tried again at a time. */
const UNFIT_MAX = 64

/**
 * What is in the state and has no place: queued runs, in lines, and parts of running runs whose wait is over or for which
 * nothing was free. An index in the leader's memory, which can be made anew from the state at any time.
 */
export class Backlog {
  readonly #state: () => State
  readonly #runs = new WaitingRuns()
  readonly #waits = new Waits()
  readonly #blocked = new BlockedShards()
  readonly #governor: Governor
  readonly #rounds: RoundDeps
  /** Runs of a job that are being placed. */
  readonly #planned = new Map<number, number>()
  /** Whether there is a line worth looking at. */
  #stirred = false
  /** Namespaces in which something became free since the lines were looked at. */
  readonly #freed = new Set<number>()
  /** By job, what those of its runs ask for that need more of it than there is: they are in nobody's way. */
  readonly #unfit = new Map<number, Set<string>>()

  constructor(state: () => State, catchUpPerSecond: number) {
    this.#state = state
    this.#governor = new Governor(catchUpPerSecond)
    this.#rounds = {
      runs: this.#runs,
      governor: this.#governor,
      judge: (run, isBusy) => this.#judge(run, isBusy),
      endsWhenFull: ({ job }) => state().jobs.get(job)?.spec.whenFull === 'fail',
    }
  }

  /** Queued runs that wait here. */
  get waiting(): number {
    return this.#runs.size
  }

  /** Parts of running runs for which nothing was free. */
  get blocked(): number {
    return this.#blocked.size
  }

  /** When the next part's wait is over. */
  get earliest(): Millis | undefined {
    return this.#waits.earliest
  }

  /** Whether a queued run may find a place now. */
  get hasRuns(): boolean {
    return this.#stirred && this.#runs.size > 0
  }

  /** The lines, for whoever counts. */
  lines(): Line[] {
    return this.#runs.lines()
  }

  head(line: Line): WaitingRun | undefined {
    return this.#runs.first(line)
  }

  rebuild(): void {
    this.clear()
    for (const run of this.#state().runs.values()) {
      if (run.state === 'queued') this.#enqueue(run)
      else
        for (const shard of run.shards)
          if (shard.state === 'waiting') this.wait({ run: run.id, shard: shard.index, at: shard.retryAt ?? 0 })
    }
  }

  clear(): void {
    this.#runs.clear()
    this.#waits.clear()
    this.#blocked.clear()
    this.#planned.clear()
    this.#freed.clear()
    this.#unfit.clear()
    this.#stirred = false
  }

  /** Takes note of what happened; true when there may be something to place. */
  onEvent(event: Event): boolean {
    switch (event.type) {
      case 'run-queued': {
        const run = this.#state().runs.get(event.run)
        if (run) this.#enqueue(run)
        return true
      }
      case 'run-started':
        if (!this.#runs.isEmpty) this.#runs.remove(event.run)
        return false
      case 'run-ended':
        if (this.#runs.isEmpty) return false
        this.#runs.remove(event.run.id)
        this.#runs.release(event.run.job)
        return this.#stir()
      case 'job-changed':
        this.#unfit.delete(event.job)
        this.#move(event.job)
        this.#runs.release(event.job)
        return this.#stir()
      case 'capacity-freed':
        if (this.#runs.size + this.#blocked.size === 0) return false
        this.#freed.add(event.namespace)
        for (const wait of this.#blocked.wake(event.namespace)) this.#waits.add(wait)
        return this.#stir()
      case 'definitions-changed':
        if (event.what === 'executor' || event.what === 'namespace') this.retryBlocked()
        return this.#runs.size > 0
      case 'shard-waiting': {
        const at = this.#state().runs.get(event.run)?.shards[event.shard]?.retryAt ?? 0
        this.#waits.add({ run: event.run, shard: event.shard, at })
        return true
      }
      default:
        return false
    }
  }

  /** Lets the first of what found no place be tried again. */
  retryBlocked(): void {
    for (const wait of this.#blocked.wake()) this.#waits.add(wait)
    if (this.#runs.size === 0) return
    this.#stirred = true
    for (const line of this.#runs.lines()) this.#runs.wake(line)
    let count = 0
    for (const job of this.#unfit.keys()) {
      if (++count > UNFIT_MAX) break
      this.#unfit.delete(job)
      this.#runs.release(job)
    }
  }

  /** A run would not fit if everything were free: those of its job that ask for the same wait until there is more of it. */
  setAside({ job, service }: WaitingRun): void {
    this.#unfit.set(job, (this.#unfit.get(job) ?? new Set()).add(service))
  }

  /** Whether runs wait for the same capacity that come before a new one of this job, and there was no room for them. */
  comesLater(job: Job): boolean {
    const { whenFull, priority, overlap } = job.spec
    if (this.#runs.size === 0 || whenFull === 'fail') return false
    // What may not overlap starts in the place of the others, or does not ask for one. Those that wait may expire before.
    if (overlap !== 'allow' && (overlap === 'cancel-running' ? job.openRuns.length > 0 : this.#isRunning(job)))
      return false
    const line = this.#runs.line(job.namespace, wantsOf(job))
    const head = line?.full ? this.#runs.first(line) : undefined
    return head !== undefined && head.priority >= priority
  }

  #isRunning({ openRuns }: Job): boolean {
    return openRuns.some((id) => this.#state().runs.get(id)?.state === 'running')
  }

  /** Parts whose wait is over, at most so many. */
  takeShards(now: Millis, limit: number): Wait[] {
    return this.#waits.takeDue(now, limit)
  }

  /** Queued runs that may be placed now, what leaves first before the others; undefined when there are none. */
  round(occasion: Occasion): Round | undefined {
    if (!this.hasRuns) return undefined
    this.#stirred = false
    const awake = this.#runs.awake(this.#freed, occasion.tries)
    this.#freed.clear()
    return new Round(this.#rounds, occasion, awake)
  }

  /** Takes what comes first in a round. True when it is only tried, as `Round` says. */
  take(round: Round, { job }: WaitingRun): boolean {
    this.#planned.set(job, (this.#planned.get(job) ?? 0) + 1)
    return round.take()
  }

  /** A round is over. */
  close(round: Round): void {
    if (round.hasMore || this.#runs.hasUntried) this.#stirred = true
  }

  /** A run that was taken comes back: it is here again if it still waits, unless it is to come later. */
  back(run: WaitingRun, later = false): void {
    const planned = (this.#planned.get(run.job) ?? 1) - 1
    if (planned > 0) this.#planned.set(run.job, planned)
    else this.#planned.delete(run.job)
    const line = this.#runs.lineOf(run)
    if (line) line.out = false
    if (run.catchUp && this.#state().runs.get(run.id)?.state === 'queued') this.#governor.unused()
    if (!later) this.again(run)
    this.release(run.job)
  }

  /** A run stands in its line, if it still waits. */
  again(run: WaitingRun): void {
    const open = this.#state().runs.get(run.id)
    const standing = open?.state === 'queued' ? this.#standing(open) : undefined
    if (!standing) return
    this.#runs.add(isAt(run, standing) ? run : { ...run, ...standing })
    this.#stirred = true
  }

  /** There was no room for the first of a line, and of what there was none; or there was, for all that were taken. */
  noteRoom(run: WaitingRun, full: Line['full']): void {
    const line = this.#runs.lineOf(run)
    if (!line) return
    line.full = full
    line.asleep = full !== false
    line.window = full === false ? Math.min(WINDOW_MAX, line.window * 2) : 1
  }

  /** A part is to be looked at from an instant on. */
  wait(wait: Wait): void {
    this.#waits.add(wait)
  }

  /** Whether parts that came before this one wait for the same. */
  isBehind(job: Job, shard: Shard, { woken }: Wait): boolean {
    return woken !== true && this.#blocked.size > 0 && this.#blocked.has(groupOf(job, shard))
  }

  /** A part sleeps until something frees: there was no room for it (`full`), or for those before it. */
  block(job: Job, run: OpenRun, shard: Shard, wait: Wait, full: boolean): void {
    const group = groupOf(job, shard)
    const { woken: _, ...asleep } = wait
    this.#blocked.add(group, asleep, run.sequence)
    if (full) this.#blocked.full(group)
  }

  /** A part found its place: there may be room for the next ones. `group` as it was before. */
  placed(group: string): void {
    if (this.#blocked.size === 0) return
    for (const wait of this.#blocked.placed(group)) this.#waits.add(wait)
  }

  /** Nothing of a job is with a worker any more. */
  release(job: number): void {
    this.#runs.release(job)
    this.#stirred = true
  }

  #judge({ id, job: uid, service }: WaitingRun, isBusy: Occasion['isBusy']): 'now' | 'later' | 'gone' {
    const state = this.#state()
    const run = state.runs.get(id)
    const job = state.jobs.get(uid)
    if (!run || !job) return 'gone'
    const waits =
      isBusy(uid) || this.#unfit.get(uid)?.has(service) || mustWait({ state }, job, run, this.#planned.get(uid))
    return waits ? 'later' : 'now'
  }

  #enqueue(run: OpenRun): void {
    const standing = this.#standing(run)
    if (!standing) return
    this.#runs.add({
      id: run.id,
      job: run.job,
      namespace: run.namespace,
      ...standing,
      sequence: run.sequence,
      ...(run.ordinal === undefined ? {} : { ordinal: run.ordinal }),
      catchUp: run.cause === 'misfire' || run.cause === 'backfill',
      since: run.createdAt,
    })
    this.#stirred = true
  }

  /** What a run waits for and how urgently, by what its job says now. */
  #standing(run: OpenRun): Standing | undefined {
    const job = this.#state().jobs.get(run.job)
    return job && { service: wantsOf(job, run.executor ?? boundTo(run)), priority: job.spec.priority }
  }

  /** A job was changed: its runs go where they belong now. */
  #move(job: number): void {
    if (this.#runs.size === 0) return
    const isElsewhere = (run: WaitingRun) => {
      const open = this.#state().runs.get(run.id)
      const standing = open && this.#standing(open)
      return standing !== undefined && !isAt(run, standing)
    }
    for (const run of this.#runs.removeJob(job, isElsewhere)) this.again(run)
  }

  #stir(): boolean {
    if (this.#runs.size > 0) this.#stirred = true
    return this.#runs.size > 0 || this.#waits.earliest !== undefined
  }
}

/** The only executors for parts of an earlier run that are done again: whoever waits for others is not behind it. */
function boundTo({ shards }: OpenRun): string | undefined {
  const bound = new Set<string>()
  for (const shard of shards) if (shard.bound !== undefined) bound.add(shard.bound)
  return bound.size === 0 ? undefined : [...bound].sort().slice(0, BOUND_MAX).join()
}

type Standing = Pick<WaitingRun, 'service' | 'priority'>

function isAt({ service, priority }: Standing, other: Standing): boolean {
  return service === other.service && priority === other.priority
}

/** Calls that a run of a job makes at first: one for each executor, at most, when it is split. */
export function callsOf(state: State, job: Job): number {
  if (!splitsRuns(job.spec)) return 1
  const service = findService(state, job.namespace, job.spec.target.service ?? '')
  return Math.max(1, state.executors.get(service?.uid ?? -1)?.size ?? 1)
}
