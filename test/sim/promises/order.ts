import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { isItsTurn, isSplit } from './could-start.ts'

/** Who has waited for this long, with nothing of its own job in its way, comes first, in milliseconds. */
const WAITED_MS = 2000
/** A job is with one worker at a time: how long a part of it that was placed may have kept its other runs, in milliseconds. */
const PLACED_MS = 500

/** What is promised of the order in which runs that ask for the same executors leave their queue. */
export class Order {
  /** When something last happened to a job that let others of its runs begin, by its uid. */
  readonly #moved = new Map<number, Millis>()
  /** When a run of a job that was at work ended last, by its uid. */
  readonly #worked = new Map<number, Millis>()
  /** When a part of a job was placed last, by its uid. */
  readonly #placed = new Map<number, Millis>()
  #changedAt: Millis = 0
  #term = 0
  /** Whether a queued run is with a worker, and may be lost there. */
  isOut: (run: string) => boolean = () => false

  check({ command, term }: Entry, { events, value }: Applied, state: State): void {
    const placements = command.kind === 'place-shards' ? command.placements : []
    // What the newest state has no room for is refused by itself: the rest of the plan holds.
    const refused = new Set(placements.flatMap(({ run }, at) => (value?.fires?.[at] === 'queued' ? [run] : [])))
    // Who takes office offers what waits and what is due at once.
    if (term !== this.#term) this.#changedAt = state.now
    this.#term = term
    for (const event of events) {
      if (event.type === 'run-started') this.#started(event.run, refused, command.kind === 'decide-fires', state)
      if (event.type === 'attempt-started') this.#placed.set(state.runs.get(event.run)?.job ?? 0, state.now)
      if (event.type === 'run-ended') this.#moved.set(event.run.job, state.now)
      if (event.type === 'run-ended' && event.run.startedAt !== undefined) this.#worked.set(event.run.job, state.now)
      if (event.type === 'job-changed') this.#moved.set(event.job, state.now)
      if (event.type === 'definitions-changed' || event.type === 'node-changed') this.#changedAt = state.now
    }
  }

  #started(id: string, refused: ReadonlySet<string>, isFire: boolean, state: State): void {
    const run = state.runs.get(id)
    const job = run && state.jobs.get(run.job)
    if (!job || job.spec.whenFull === 'fail' || run.executor !== undefined || state.now - this.#changedAt < WAITED_MS)
      return
    if (state.namespaces.get(run.namespace)?.queued === 0) return
    // It takes the places that others of its job leave.
    if (job.spec.overlap === 'cancel-running') return
    // It was to be skipped for a run of its own job that was at work, which ended before that was decided.
    if (isFire && job.spec.overlap !== 'allow' && state.now - (this.#worked.get(job.uid) ?? 0) < PLACED_MS) return
    const line = inLine(state, lineOf(run, job))
    // One worker at a time has runs of a line: the others wait for what it was given.
    if (line.some(([other]) => this.isOut(other.id))) return
    for (const [other, its] of line) {
      if (
        refused.has(other.id) ||
        isSplit(its) ||
        other.executor !== undefined ||
        other.shards.some(({ bound }) => bound !== undefined)
      )
        continue
      const ahead = its.spec.priority - job.spec.priority
      const isFirst = ahead > 0 || (ahead === 0 && other.sequence < run.sequence)
      if (!isFirst || !isItsTurn(state, its, other)) continue
      if (state.now - (this.#placed.get(other.job) ?? 0) < PLACED_MS) continue
      // A fire is with a worker from when it is due, however long that takes.
      const offeredAt = isFire ? Math.min(run.dueTime, state.now) : state.now
      const since = Math.max(other.createdAt, this.#moved.get(other.job) ?? 0)
      assert(
        offeredAt - since < WAITED_MS,
        `run ${id} of ${job.name} (${run.cause}, ${job.spec.priority}) begins, and run ${other.id} of ${its.name} (${other.cause}, ${its.spec.priority}) has waited since ${since}`,
      )
    }
  }
}

/** The queued runs of a line, with their jobs. */
function inLine(state: State, line: string): [OpenRun, Job][] {
  const found: [OpenRun, Job][] = []
  for (const run of state.runs.values()) {
    const job = run.state === 'queued' ? state.jobs.get(run.job) : undefined
    if (job && lineOf(run, job) === line) found.push([run, job])
  }
  return found
}

/** Runs for which whatever suits one suits all. */
function lineOf({ namespace, cause }: OpenRun, { spec }: Job): string {
  const { target, routing } = spec
  const catchesUp = cause === 'misfire' || cause === 'backfill'
  const labels = Object.entries(routing.labels).join(';')
  return [namespace, catchesUp, target.service, labels, target.kind, target.kind === 'http' && target.url].join(' ')
}
