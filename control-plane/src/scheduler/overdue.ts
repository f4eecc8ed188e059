import type { OpenAttempt, OpenRun } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { AttemptFinish, CommandOf } from '../state/commands.ts'
import type { State } from '../state/state.ts'

/** How long after its deadline a call that its dispatcher has not closed is closed by the leader, in milliseconds. */
const DISPATCHER_GRACE_MS = 2000
/** Open runs that are looked at in one round, at least: more of them only when that many are open … */
const LOOKED_AT_MIN = 1000
/** … so that after this many rounds every one has been looked at. */
const ROUNDS_MAX = 20
/** Runs or attempts that one entry ends for being overdue, at most. */
const OVERDUE_MAX = 512

export interface Overdue {
  runs: CommandOf<'runs-expired'>['runs']
  finishes: AttemptFinish[]
}

/** When the executor of an accepted attempt was last heard of by this leader, if it was. */
export type HeardAt = (attempt: string) => Millis | undefined

const neverHeard: HeardAt = () => undefined

/**
 * Finds what is open and has run out of time: queued runs, whole runs, attempts, leases. It goes round the open runs, a
 * part of them each time, so that it costs the same however many wait.
 */
export class Rounds {
  #runs: Iterator<OpenRun> | undefined
  #state: State | undefined

  /** The next part. `since`: when this leader began; an attempt that was accepted counts as heard from then. */
  next(state: State, now: Millis, since: Millis, chance: () => number, heardAt: HeardAt = neverHeard): Overdue {
    const overdue: Overdue = { runs: [], finishes: [] }
    let left = Math.min(state.runs.size, Math.max(LOOKED_AT_MIN, Math.ceil(state.runs.size / ROUNDS_MAX)))
    if (this.#state !== state) this.#runs = undefined
    this.#state = state
    for (; left > 0 && overdue.runs.length < OVERDUE_MAX && overdue.finishes.length < OVERDUE_MAX; left--) {
      this.#runs ??= state.runs.values()
      const { value: run, done } = this.#runs.next()
      if (done) {
        this.#runs = undefined
        continue
      }
      // A run of thousands of parts counts for more than one.
      left -= run.shards.length >> 4
      look(state, run, now, chance, (attempt) => leaseEnd(attempt, since, heardAt), overdue)
    }
    return overdue
  }
}

function look(
  state: State,
  run: OpenRun,
  now: Millis,
  chance: () => number,
  leaseEndOf: (attempt: OpenAttempt) => Millis,
  { runs, finishes }: Overdue,
): void {
  const spec = state.jobs.get(run.job)?.spec
  if (!spec) return
  if (run.state === 'queued') {
    if (now >= run.createdAt + spec.queueTtlMs) runs.push({ id: run.id, why: 'queue-ttl' })
    return
  }
  if (run.startedAt !== undefined && now >= run.startedAt + spec.runTimeoutMs) {
    runs.push({ id: run.id, why: 'run-timeout' })
    return
  }
  for (const { attempt } of run.shards) {
    // The others have their turn in a later round.
    if (finishes.length >= OVERDUE_MAX) return
    const finish = attempt && overdueAttempt(attempt, run.job, now, chance, leaseEndOf)
    if (finish) finishes.push(finish)
  }
}

/** How an attempt ends whose deadline or lease is over, or undefined while neither is. */
function overdueAttempt(
  attempt: OpenAttempt,
  job: number,
  now: Millis,
  chance: () => number,
  leaseEndOf: (attempt: OpenAttempt) => Millis,
): AttemptFinish | undefined {
  const grace = attempt.acceptedAt === undefined ? DISPATCHER_GRACE_MS : 0
  const late = now >= attempt.deadline + grace
  if (!late && now < leaseEndOf(attempt)) return undefined
  const error = late
    ? { code: 'timeout', message: `Executor ${attempt.executor} did not finish within the timeout.` }
    : {
        code: 'lease-ended',
        message: `Executor ${attempt.executor} accepted the work and was not heard from within its lease.`,
      }
  const outcome = late ? 'timed-out' : 'uncertain'
  return { attempt: attempt.id, job, outcome, endedAt: now, retryable: true, chance: chance(), error }
}

/** Nobody could hear of an accepted attempt before there was a leader: its lease counts from then at the earliest. */
function leaseEnd({ id, acceptedAt, leaseUntil }: OpenAttempt, since: Millis, heardAt: HeardAt): Millis {
  if (acceptedAt === undefined || leaseUntil === undefined) return Number.POSITIVE_INFINITY
  const ttlMs = leaseUntil - acceptedAt
  return Math.max(leaseUntil, since + ttlMs, (heardAt(id) ?? 0) + ttlMs)
}
