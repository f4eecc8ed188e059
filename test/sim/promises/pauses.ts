import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { EndedRun, OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import type { MadeAndEnded } from './made.ts'

/** From when to when nothing was to start by itself. */
interface Interval {
  from: number
  to: number
}

/** What is promised of what is paused: nothing of it starts by itself, and what failed too often is paused. */
export class Pauses {
  /** Jobs that were paused before this entry. */
  #paused = new Set<number>()
  /** Pauses of a namespace, by its uid; of everything under 0. */
  readonly #above = new Map<number, Interval[]>()
  /** Jobs that were paused because they failed, so far. */
  failing = 0

  check({ command }: Entry, { changes, rejection }: Applied, { made, ended }: MadeAndEnded, state: State): void {
    if (command.kind === 'scheduler-pause' && !rejection) this.#order(0, command.paused, state.now)
    if (command.kind === 'namespace-pause' && !rejection)
      this.#order(state.namespaceNames.get(command.name) ?? -1, command.paused, state.now)
    for (const run of made) if (run.state !== 'skipped') this.#made(run, state)
    for (const row of ended) this.#ended(row, state)
    if (changes.some(({ kind }) => kind === 'job'))
      this.#paused = new Set([...state.jobs.values()].flatMap((job) => (job.state === 'paused' ? [job.uid] : [])))
  }

  #made({ id, job, namespace, cause, dueTime }: OpenRun | EndedRun, state: State): void {
    if (cause !== 'schedule' && cause !== 'misfire' && cause !== 'child') return
    const still = state.jobs.get(job)?.state === 'paused'
    assert(!still || !this.#paused.has(job), `run ${id}: nothing of a paused job starts by itself`)
    if (cause === 'child') return
    for (const order of [...(this.#above.get(0) ?? []), ...(this.#above.get(namespace) ?? [])])
      assert(dueTime < order.from || dueTime >= order.to, `run ${id} was due while everything was paused`)
  }

  #ended({ id, state: stands, job: uid }: EndedRun, state: State): void {
    const job = state.jobs.get(uid)
    if (!job || (stands !== 'failed' && stands !== 'timed-out' && stands !== 'lost')) return
    const { pauseAfterFailures } = job.spec
    if (pauseAfterFailures === 0 || job.progress.failuresInARow < pauseAfterFailures) return
    if (!this.#paused.has(uid)) this.failing += 1
    assert(job.state !== 'active', `run ${id}: ${job.progress.failuresInARow} failures in a row pause a job`)
  }

  #order(of: number, paused: boolean, at: number): void {
    const orders = this.#above.get(of) ?? []
    const last = orders.at(-1)
    this.#above.set(of, orders)
    if (paused && (last === undefined || last.to < Number.POSITIVE_INFINITY))
      orders.push({ from: at, to: Number.POSITIVE_INFINITY })
    else if (!paused && last !== undefined) last.to = Math.min(last.to, at)
  }
}
