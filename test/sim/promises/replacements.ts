import { strict as assert } from 'node:assert'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { EndedRun, OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { hasPlace } from './could-start.ts'
import type { MadeAndEnded } from './made.ts'

/** A plan is made by what was so this long before its entry, at most, while its worker is well; in milliseconds. */
const PLANNED_MS = 1000

/**
 * What is promised under `overlap: cancel-running`: a fire leaves no earlier run of its job open, nothing gives way but to
 * a run, and where there is room the new one starts in the entry that ends the old one.
 */
export class Replacements {
  /** When slots of a namespace were taken or given back, by the job whose run replaced another with that, 0 for none … */
  readonly #moved = new Map<number, Map<number, Millis>>()
  /** … and when executors or jobs were changed. */
  #others: Millis = 0

  check({ events }: Applied, { made, ended }: MadeAndEnded, state: State): void {
    for (const run of made) {
      if (run.cause !== 'schedule' || state.jobs.get(run.job)?.spec.overlap !== 'cancel-running') continue
      if ('endedAt' in run) continue
      this.#isAlone(run, state)
      // Of several fires in one entry each is planned as if it were alone.
      const isAlone = made.filter(({ job }) => job === run.job).length === 1
      const gaveWay = ended.filter((row) => row.job === run.job && isReplaced(row))
      if (isAlone && gaveWay.length > 0) this.#startsAtOnce(run, gaveWay, state)
    }
    for (const row of ended) {
      if (!isReplaced(row) || !state.jobs.has(row.job)) continue
      const follows = made.some(({ id, job }) => job === row.job && id !== row.id)
      assert(follows, `run ${row.id} gave way, and no newer run of its job was made`)
    }
    const replacing = ended.some(isReplaced)
    for (const event of events) {
      if (event.type === 'definitions-changed' || event.type === 'job-changed') this.#others = state.now
      const run = event.type === 'attempt-started' ? state.runs.get(event.run) : undefined
      if (run) this.#note(run.namespace, replacing ? run.job : 0, state.now)
      if (event.type === 'capacity-freed' && !replacing) this.#note(event.namespace, 0, state.now)
    }
  }

  #note(namespace: number, job: number, at: Millis): void {
    this.#moved.set(namespace, (this.#moved.get(namespace) ?? new Map<number, Millis>()).set(job, at))
  }

  #isAlone(run: OpenRun, state: State): void {
    const open = state.jobs.get(run.job)?.openRuns ?? []
    assert.equal(open[0], run.id, `run ${run.id}: what ran before it has given way to it`)
  }

  #startsAtOnce(run: OpenRun, gaveWay: readonly EndedRun[], state: State): void {
    if (run.state === 'running') return
    const job = state.jobs.get(run.job)
    const moves = [...(this.#moved.get(run.namespace) ?? [])].flatMap(([by, at]) => (by === run.job ? [] : [at]))
    const changedAt = Math.max(this.#others, ...moves)
    if (!job || state.now - changedAt < PLANNED_MS) return
    const began = gaveWay.some(({ startedAt = state.now }) => state.now - startedAt >= PLANNED_MS)
    assert(
      !began || !hasPlace(state, job, run),
      `run ${run.id} of ${job.name}: others gave way to it, there is room, and it does not start with that`,
    )
  }
}

function isReplaced({ state, error }: EndedRun): boolean {
  return state === 'cancelled' && error?.message.includes('gave way to a newer run') === true
}
