import type { Outcome } from '../cluster/consensus.ts'
import type { Clock, Millis } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Random } from '../runtime/random.ts'
import type { Job } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'
import type { Event } from '../state/applied.ts'
import type { Command, FireDecision, Placement } from '../state/commands.ts'
import { mustWait } from '../state/placement.ts'
import type { State } from '../state/state.ts'
import type { Board } from './board.ts'
import { Governor } from './governor.ts'
import { type Line, type WaitingRun, WaitingRuns } from './waiting-runs.ts'
import { Waits } from './waits.ts'

/** Shards that one entry places, at most. */
const PLACEMENTS_MAX = 256
/** How long a shard that nobody could take waits before it is tried again, in milliseconds. */
const AGAIN_MS = 500

export interface PlacerDeps {
  clock: Clock
  random: Random
  logger: Logger
  node: string
  options: { catchUpPerSecond: number }
  board: Board
  state(): State
  propose(command: Command): Promise<Outcome>
  wake(): void
}

/** Finds places: for fires as they are decided, for queued runs as capacity frees, for shards whose wait is over. */
export class Placer {
  readonly #deps: PlacerDeps
  readonly #waiting = new WaitingRuns()
  readonly #waits = new Waits()
  /** Queued runs that are being placed, and how many of each job. */
  readonly #placing = new Map<string, WaitingRun>()
  readonly #planned = new Map<number, number>()
  readonly #governor: Governor
  #capacity = true
  #flying = false

  constructor(deps: PlacerDeps) {
    this.#deps = deps
    this.#governor = new Governor(deps.options.catchUpPerSecond)
  }

  get size(): number {
    return this.#waiting.size + this.#placing.size
  }

  /** When there may be something to place again. */
  get earliest(): Millis | undefined {
    if (this.#flying) return undefined
    return this.#waiting.size > 0 && this.#capacity ? 0 : this.#waits.earliest
  }

  rebuild(): void {
    this.clear()
    for (const run of this.#deps.state().runs.values()) {
      if (run.state === 'queued') this.#enqueue(run)
      else
        for (const shard of run.shards)
          if (shard.state === 'waiting') this.#waits.add({ run: run.id, shard: shard.index, at: shard.retryAt ?? 0 })
    }
  }

  clear(): void {
    this.#waiting.clear()
    this.#waits.clear()
    this.#placing.clear()
    this.#planned.clear()
    this.#capacity = true
  }

  onEvent(event: Event): void {
    switch (event.type) {
      case 'run-queued': {
        const run = this.#deps.state().runs.get(event.run)
        if (run) this.#enqueue(run)
        this.#deps.wake()
        break
      }
      case 'run-started':
        if (this.#waiting.size > 0) this.#waiting.remove(event.run)
        break
      case 'run-ended':
        if (this.#waiting.size > 0) {
          this.#waiting.remove(event.run.id)
          this.#waiting.release(event.run.job)
          this.#freed()
        }
        break
      case 'job-changed':
        if (this.#waiting.size > 0) {
          this.#waiting.release(event.job)
          this.#freed()
        }
        break
      case 'capacity-freed':
        if (this.#waiting.size > 0) this.#freed()
        break
      case 'shard-waiting': {
        const at = this.#deps.state().runs.get(event.run)?.shards[event.shard]?.retryAt ?? 0
        this.#waits.add({ run: event.run, shard: event.shard, at })
        this.#deps.wake()
        break
      }
      default:
        break
    }
  }

  /** Lets what could not be placed be tried again, on the scheduler's beat. */
  retryBlocked(): void {
    if (this.#waiting.size > 0) this.#capacity = true
  }

  /** Chooses executors for fires that are about to be proposed. Missed ones wait in the queue. */
  planFires(decisions: FireDecision[], now: Millis): void {
    const { board, state } = this.#deps
    board.begin(state())
    const moment = { now, chance: () => this.#deps.random.next() }
    for (const decision of decisions) {
      const job = state().jobs.get(decision.job)
      if (!job) continue
      for (const fire of decision.fires) {
        if (fire.cause === 'misfire' || fire.skip !== undefined || this.#comesLater(job)) continue
        if (job.spec.overlap === 'cancel-running') board.release(job)
        const chosen = board.choose(job, moment)
        if (typeof chosen === 'string') fire.place = [chosen]
      }
    }
  }

  /** Whether runs wait for the same capacity that come before a new one of this job, and there was no room for them. */
  #comesLater(job: Job): boolean {
    const { target, whenFull, priority } = job.spec
    if (this.#waiting.size === 0 || whenFull === 'fail' || job.openRuns.length > 0) return false
    const line = this.#waiting.line(job.namespace, target.service ?? '-')
    const head = line?.full ? this.#waiting.first(line) : undefined
    return head !== undefined && head.priority >= priority
  }

  /** Proposes places for shards whose wait is over and for queued runs, as far as there is room. */
  place(now: Millis): void {
    if (this.#flying) return
    const { board, state } = this.#deps
    const placements: Placement[] = []
    board.begin(state())
    this.#placeWaits(now, placements)
    const expired = this.#placeQueued(now, placements)
    if (placements.length > 0 || expired.length > 0) void this.#propose(now, placements, expired)
  }

  #enqueue(run: OpenRun): void {
    const job = this.#deps.state().jobs.get(run.job)
    if (!job) return
    this.#waiting.add({
      id: run.id,
      job: run.job,
      namespace: run.namespace,
      service: job.spec.target.service ?? '-',
      priority: job.spec.priority,
      sequence: run.sequence,
      catchUp: run.cause === 'misfire',
    })
    this.#capacity = true
  }

  #freed(): void {
    this.#capacity = true
    this.#deps.wake()
  }

  #placeWaits(now: Millis, placements: Placement[]): void {
    const { board, state } = this.#deps
    for (const wait of this.#waits.takeDue(now, PLACEMENTS_MAX)) {
      const run = state().runs.get(wait.run)
      const shard = run?.shards[wait.shard]
      const job = run && state().jobs.get(run.job)
      if (!job || shard?.state !== 'waiting' || (shard.retryAt ?? 0) > wait.at) continue
      const chosen = board.choose(job, { now, chance: () => this.#deps.random.next() }, shard)
      if (typeof chosen === 'string')
        placements.push({ run: wait.run, shard: wait.shard, attempts: shard.attempts, executor: chosen })
      else this.#waits.add({ ...wait, at: now + AGAIN_MS })
    }
  }

  #placeQueued(now: Millis, placements: Placement[]): CommandExpired[] {
    const expired: CommandExpired[] = []
    if (!this.#capacity || this.#waiting.size === 0) return expired
    this.#capacity = false
    for (const line of this.#waiting.lines()) this.#placeLine(line, now, placements, expired)
    return expired
  }

  #placeLine(line: Line, now: Millis, placements: Placement[], expired: CommandExpired[]): void {
    const { board } = this.#deps
    const state = this.#deps.state()
    line.full = false
    for (let waiting = this.#waiting.first(line); waiting; waiting = this.#waiting.first(line)) {
      if (placements.length + expired.length >= PLACEMENTS_MAX) {
        this.#capacity = true
        return
      }
      const run = state.runs.get(waiting.id)
      const job = state.jobs.get(waiting.job)
      if (!run || !job) {
        this.#waiting.take(line)
        continue
      }
      if (mustWait({ state }, job, run, this.#planned.get(job.uid))) {
        this.#waiting.hold(line)
        continue
      }
      if (line.catchUp && !this.#governor.mayStart(now)) return
      const chosen = board.choose(job, { now, chance: () => this.#deps.random.next() })
      if (typeof chosen === 'string') {
        if (line.catchUp) this.#governor.started()
        placements.push({ run: run.id, shard: 0, attempts: run.shards[0]?.attempts ?? 0, executor: chosen })
      } else if (job.spec.whenFull === 'fail') {
        expired.push({ id: run.id, why: chosen.none })
      } else {
        line.full = true
        return
      }
      this.#waiting.take(line)
      this.#placing.set(run.id, waiting)
      this.#planned.set(job.uid, (this.#planned.get(job.uid) ?? 0) + 1)
    }
  }

  async #propose(now: Millis, placements: Placement[], expired: CommandExpired[]): Promise<void> {
    const { propose, node, logger, state } = this.#deps
    this.#flying = true
    try {
      if (expired.length > 0) await propose({ kind: 'runs-expired', at: now, runs: expired })
      if (placements.length > 0) await propose({ kind: 'place-shards', at: now, node, placements })
    } catch (error) {
      logger.warn({ error: String(error) }, 'placements could not be committed')
      await new Promise<void>((resolve) => void this.#deps.clock.after(AGAIN_MS, resolve))
    }
    this.#flying = false
    this.#planned.clear()
    for (const waiting of this.#placing.values()) {
      // Refused by the newest state: it goes back to its place.
      if (state().runs.get(waiting.id)?.state === 'queued') this.#waiting.add(waiting)
      this.#waiting.release(waiting.job)
    }
    this.#placing.clear()
    for (const { run: id, shard: index } of placements) {
      const run = state().runs.get(id)
      if (run?.state === 'running' && run.shards[index]?.state === 'waiting')
        this.#waits.add({ run: id, shard: index, at: now + AGAIN_MS })
    }
    this.#deps.wake()
  }
}

type CommandExpired = { id: string; why: 'no-executor' | 'no-slot' }
