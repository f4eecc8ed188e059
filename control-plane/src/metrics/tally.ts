import { Buckets, SLOW_MS } from '../runtime/buckets.ts'
import type { AttemptOutcome, Cause, EndedRunState, SkipReason } from '../runs/run.ts'
import type { Event } from '../state/applied.ts'
import type { State } from '../state/state.ts'

/** Namespaces that are counted by name; what happens in further ones is counted together. */
export const NAMESPACES_MAX = 50

/** What happened in one namespace since this process started. */
export class NamespaceTally {
  due = 0
  missed = 0
  readonly skipped = new Counts<SkipReason>()
  readonly started = new Counts<Cause>()
  readonly ended = new Counts<EndedRunState>()
  readonly attempts = new Counts<AttemptOutcome>()
  /** From due to first start, of fires that were found in time. */
  readonly lateness = new Buckets(SLOW_MS)
  /** From first start to end, of runs. */
  readonly durations = new Buckets(SLOW_MS)
  /** From start to end, of attempts. */
  readonly attemptDurations = new Buckets(SLOW_MS)
}

/** How often each of a closed set of words came. */
export class Counts<Word extends string> {
  readonly #counts = new Map<Word, number>()

  add(word: Word, count = 1): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + count)
  }

  of(word: Word): number {
    return this.#counts.get(word) ?? 0
  }
}

/** Counts what the log brings about, in plain numbers: nothing is looked up, formatted or kept per event. */
export class Tally {
  /** By uid; several may share one. */
  readonly #of = new Map<number, NamespaceTally>()
  /** Of namespaces beyond those that are counted by name. */
  readonly others = new NamespaceTally()
  #named = 0

  onEvent(state: State, event: Event): void {
    switch (event.type) {
      case 'fires-decided': {
        const tally = this.#ofJob(state, event.job)
        tally.due += event.due
        tally.missed += event.missed
        break
      }
      case 'fires-skipped':
        this.of(event.namespace).skipped.add(event.reason, event.count)
        break
      case 'run-started': {
        const run = state.runs.get(event.run)
        if (!run) break
        const tally = this.of(run.namespace)
        tally.started.add(run.cause)
        if (run.cause === 'schedule' && run.startedAt !== undefined) tally.lateness.add(run.startedAt - run.dueTime)
        break
      }
      case 'run-ended': {
        const { run } = event
        const tally = this.of(run.namespace)
        tally.ended.add(run.state)
        if (run.reason !== undefined && isFire(run.cause)) tally.skipped.add(run.reason)
        if (run.startedAt !== undefined) tally.durations.add(run.endedAt - run.startedAt)
        break
      }
      case 'attempt-ended': {
        const { outcome, startedAt, endedAt } = event.attempt
        const tally = this.#ofJob(state, event.job)
        tally.attempts.add(outcome)
        tally.attemptDurations.add(Math.max(0, endedAt - startedAt))
        break
      }
      default:
        break
    }
  }

  of(namespace: number): NamespaceTally {
    const known = this.#of.get(namespace)
    if (known) return known
    const tally = this.#named < NAMESPACES_MAX ? new NamespaceTally() : this.others
    if (tally !== this.others) this.#named += 1
    this.#of.set(namespace, tally)
    return tally
  }

  /** Whether a namespace is counted by its name. */
  isNamed(namespace: number): boolean {
    return this.of(namespace) !== this.others
  }

  /** Lets go of namespaces that are not there any more. */
  keepOnly(namespaces: ReadonlyMap<number, unknown>): void {
    for (const [uid, tally] of this.#of) {
      if (namespaces.has(uid)) continue
      this.#of.delete(uid)
      if (tally !== this.others) this.#named -= 1
    }
  }

  #ofJob(state: State, uid: number): NamespaceTally {
    const job = state.jobs.get(uid)
    return job ? this.of(job.namespace) : this.others
  }
}

function isFire(cause: Cause): boolean {
  return cause === 'schedule' || cause === 'misfire'
}
