import { strict as assert } from 'node:assert'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { EndedRun, OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { couldStart, isItsTurn, isSplit } from './could-start.ts'
import type { MadeAndEnded } from './made.ts'

/** What waits although nothing is in its way may do so for this long, while nothing goes wrong, in milliseconds. */
const IDLE_MS = 5000
/** Runs that wait for reasons of their own, and are not counted against `queueMax`. */
const UNCOUNTED: ReadonlySet<OpenRun['cause']> = new Set(['misfire', 'backfill'])

/** What is promised of runs that wait: that they are no more than allowed, and that none waits for nothing. */
export class Queues {
  /** Since when nothing has been in the way of a queued run, by its id. */
  #idle = new Map<string, Millis>()

  check({ made }: MadeAndEnded, state: State): void {
    for (const run of made) if (isOpen(run) && run.state === 'queued') this.#queued(run, state)
  }

  /** To be called again and again while nothing goes wrong: nothing waits for nothing. */
  watch(state: State): void {
    const idle = new Map<string, Millis>()
    const runs = waiting(state)
    for (const run of runs) {
      if (!couldStart(state, run) || isBehind(state, run, runs)) continue
      const since = this.#idle.get(run.id) ?? state.now
      idle.set(run.id, since)
      assert(state.now - since < IDLE_MS, `${named(run, state)} waits since ${since}, and nothing is in its way`)
    }
    this.#idle = idle
  }

  #queued(run: OpenRun, state: State): void {
    const job = state.jobs.get(run.job)
    const namespace = state.namespaces.get(run.namespace)
    if (!job || !namespace) return
    const inNamespace = waiting(state).filter((one) => one.namespace === run.namespace).length
    assert(
      inNamespace <= namespace.queuedRunsMax,
      `${named(run, state)} waits as one of ${inNamespace}, and queuedRunsMax is ${namespace.queuedRunsMax}`,
    )
    if (job.spec.overlap !== 'queue' || UNCOUNTED.has(run.cause)) return
    const before = job.openRuns.slice(0, job.openRuns.indexOf(run.id)).flatMap((id) => state.runs.get(id) ?? [])
    if (before.length === 0) return
    const queue = before.filter(({ state: stands, cause }) => stands === 'queued' && !UNCOUNTED.has(cause)).length + 1
    assert(
      queue <= job.spec.queueMax,
      `${named(run, state)} waits as one of ${queue}, and queueMax is ${job.spec.queueMax}`,
    )
  }
}

/** Once faults are over: what was queued by an instant has begun, has expired, or waits for something. */
export function checkQueuesDrained(state: State, before: Millis): void {
  const runs = waiting(state)
  for (const run of runs) {
    if (run.createdAt > before) continue
    const isIdle = couldStart(state, run) && !isBehind(state, run, runs)
    assert(!isIdle, `${named(run, state)} waits since ${run.createdAt}, and nothing is in its way`)
    const { queueTtlMs = 0 } = state.jobs.get(run.job)?.spec ?? {}
    assert(run.createdAt + queueTtlMs > before, `${named(run, state)} waits for longer than its queueTtl`)
  }
}

/** Whether one that comes first waits for the places of its parts: nobody takes those that are free from it. */
function isBehind(state: State, run: OpenRun, runs: readonly OpenRun[]): boolean {
  const priority = state.jobs.get(run.job)?.spec.priority ?? 0
  return runs.some((other) => {
    const job = state.jobs.get(other.job)
    if (!job || !isSplit(job) || !isItsTurn(state, job, other)) return false
    const ahead = job.spec.priority - priority
    return ahead > 0 || (ahead === 0 && other.sequence <= run.sequence)
  })
}

function waiting(state: State): OpenRun[] {
  const found: OpenRun[] = []
  for (const run of state.runs.values()) if (run.state === 'queued') found.push(run)
  return found
}

function isOpen(run: OpenRun | EndedRun): run is OpenRun {
  return !('endedAt' in run)
}

function named({ id, job, cause }: OpenRun, state: State): string {
  return `run ${id} of ${state.jobs.get(job)?.name} (${cause})`
}
