import type { OpenAttempt } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { AttemptFinish, CommandOf } from '../state/commands.ts'
import type { State } from '../state/state.ts'

/** How long after its deadline a call that its dispatcher has not closed is closed by the leader, in milliseconds. */
const DISPATCHER_GRACE_MS = 2000

export interface Overdue {
  runs: CommandOf<'runs-expired'>['runs']
  finishes: AttemptFinish[]
}

/** Everything open that has run out of time: queued runs, whole runs, attempts, leases. At most `limit` of each kind. */
export function findOverdue(state: State, now: Millis, limit: number, chance: () => number): Overdue {
  const overdue: Overdue = { runs: [], finishes: [] }
  for (const run of state.runs.values()) {
    if (overdue.runs.length >= limit || overdue.finishes.length >= limit) break
    const spec = state.jobs.get(run.job)?.spec
    if (!spec) continue
    if (run.state === 'queued') {
      if (now >= run.createdAt + spec.queueTtlMs) overdue.runs.push({ id: run.id, why: 'queue-ttl' })
      continue
    }
    if (run.startedAt !== undefined && now >= run.startedAt + spec.runTimeoutMs) {
      overdue.runs.push({ id: run.id, why: 'run-timeout' })
      continue
    }
    for (const { attempt } of run.shards) {
      const finish = attempt && overdueAttempt(attempt, run.job, now, chance)
      if (finish) overdue.finishes.push(finish)
    }
  }
  return overdue
}

/** How an attempt ends whose deadline or lease is over, or undefined while neither is. */
function overdueAttempt(
  attempt: OpenAttempt,
  job: number,
  now: Millis,
  chance: () => number,
): AttemptFinish | undefined {
  const grace = attempt.acceptedAt === undefined ? DISPATCHER_GRACE_MS : 0
  const late = now >= attempt.deadline + grace
  if (!late && (attempt.leaseUntil === undefined || now < attempt.leaseUntil)) return undefined
  const error = late
    ? { code: 'timeout', message: `Executor ${attempt.executor} did not finish within the timeout.` }
    : {
        code: 'lease-ended',
        message: `Executor ${attempt.executor} accepted the work and was not heard from within its lease.`,
      }
  const outcome = late ? 'timed-out' : 'uncertain'
  return { attempt: attempt.id, job, outcome, endedAt: now, retryable: true, chance: chance(), error }
}
