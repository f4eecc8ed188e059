import { strict as assert } from 'node:assert'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { Event } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** By how much a fire falls due after its time, at most, in what the simulation draws; in milliseconds. */
const JITTER_MS = 20_000
/** How long after an edit what was found before it may still be told, in milliseconds. */
const FOUND_MS = 5000

interface Interval {
  from: Millis
  to: Millis
  /** Whether it was the job itself that failed too often: it may have fires by then that are due and not decided. */
  byItself: boolean
}

/** When jobs, their namespace or everything stood still, and how long runs may wait. */
export class Stops {
  /** By uid of the job or namespace; of everything under 0. */
  readonly #stops = new Map<number, Interval[]>()
  /** The last fire of each job that was decided before this entry. */
  readonly #decided = new Map<number, Millis>()
  /** How long runs of a job may wait, before its last edit too. */
  readonly #ttls = new Map<number, { nowMs: number; beforeMs: number; changedAt: Millis }>()

  note(events: readonly Event[], state: State): void {
    this.#set(0, state.pause !== undefined && state.pause.to === undefined, state.now)
    for (const { uid, pause } of state.namespaces.values())
      this.#set(uid, pause !== undefined && pause.to === undefined, state.now)
    for (const event of events) {
      const job = event.type === 'job-changed' ? state.jobs.get(event.job) : undefined
      if (!job) continue
      this.#set(job.uid, job.state === 'paused', state.now, job.pausedWhy !== undefined)
      const { queueTtlMs: nowMs } = job.spec
      const known = this.#ttls.get(job.uid)
      if (known?.nowMs !== nowMs)
        this.#ttls.set(job.uid, { nowMs, beforeMs: known?.nowMs ?? nowMs, changedAt: state.now })
    }
  }

  noteDecided(events: readonly Event[], state: State): void {
    for (const event of events) {
      if (event.type !== 'fires-skipped' && event.type !== 'fires-decided' && event.type !== 'job-changed') continue
      const job = state.jobs.get(event.job)
      if (job) this.#decided.set(job.uid, job.progress.decidedUpTo)
    }
  }

  /** Fires that were just skipped for a pause fell due while there was one; `isAlone`: the entry decides one fire of the job. */
  check(job: Job, count: number, isAlone: boolean, state: State): void {
    const to = job.progress.decidedUpTo
    const from = isAlone ? to : (this.#decided.get(job.uid) ?? 0)
    const held = this.#over(job).some(
      (stop) => stop.from <= (stop.byItself ? state.now : to + JITTER_MS) && stop.to >= from,
    )
    assert(held, `${count} fires of ${job.name} up to ${to} are skipped for a pause, and there was none (${state.now})`)
  }

  isNow(job: Job): boolean {
    return this.#over(job).some(({ to }) => to === Number.POSITIVE_INFINITY)
  }

  /** The least that a run of a job that was ended at an instant may have waited. */
  leastTtl({ uid, spec }: Job, at: Millis): number {
    const known = this.#ttls.get(uid)
    if (known === undefined || at - known.changedAt > FOUND_MS) return spec.queueTtlMs
    return Math.min(known.nowMs, known.beforeMs)
  }

  #over({ uid, namespace }: Job): Interval[] {
    return [0, namespace, uid].flatMap((of) => this.#stops.get(of) ?? [])
  }

  #set(of: number, stopped: boolean, at: Millis, byItself = false): void {
    const stops = this.#stops.get(of) ?? []
    const last = stops.at(-1)
    const isOpen = last !== undefined && last.to === Number.POSITIVE_INFINITY
    if (stopped === isOpen) return
    this.#stops.set(of, stops)
    if (stopped) stops.push({ from: at, to: Number.POSITIVE_INFINITY, byItself })
    else if (last) last.to = at
  }
}
