import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { State } from '../state/state.ts'
import type { Backlog } from './backlog.ts'
import { groupOf } from './lines.ts'
import type { Finish, Pending } from './pending.ts'
import type { Wait } from './waits.ts'

/** How long a part whose place was refused waits before it is tried again, in milliseconds. */
const AGAIN_MS = 500

/** Parts of runs that are with a worker, or are to be: each is there once. */
export class Parts {
  readonly #state: () => State
  readonly #backlog: Backlog
  /** By run and number. */
  readonly #known = new Set<string>()

  constructor(state: () => State, backlog: Backlog) {
    this.#state = state
    this.#backlog = backlog
  }

  clear(): void {
    this.#known.clear()
  }

  /** The evaluation of a part whose wait is over; undefined when there is one, or others come before it. */
  offer(wait: Wait, now: Millis): Pending | undefined {
    const state = this.#state()
    const run = state.runs.get(wait.run)
    const shard = run?.shards[wait.shard]
    const job = run && state.jobs.get(run.job)
    // Somebody has it, or will.
    if (!job || shard?.state !== 'waiting' || this.#known.has(keyOf(wait))) return undefined
    const { retryAt = 0 } = shard
    // By the clock of an earlier leader it is later than here.
    if (retryAt > Math.max(wait.at, now)) this.#backlog.wait({ ...wait, at: retryAt })
    else if (this.#backlog.isBehind(job, shard, wait)) this.#backlog.block(job, run, shard, wait, false)
    else {
      this.#known.add(keyOf(wait))
      return pendingOf(job, run, shard, wait, now)
    }
    return undefined
  }

  /** Whether a part still waits for what it was to be placed for. */
  isCurrent({ evaluation: { wanted } }: Pending): boolean {
    if (wanted.kind !== 'shard') return true
    const shard = this.#state().runs.get(wanted.run)?.shards[wanted.shard]
    if (shard?.state === 'waiting' && shard.attempts === wanted.attempts) return true
    this.#known.delete(keyOf(wanted))
    if (shard?.state === 'waiting') this.#backlog.wait({ run: wanted.run, shard: wanted.shard, at: shard.retryAt ?? 0 })
    return false
  }

  /** A part comes back: it waits again, unless it has its place. */
  settle(wait: Wait, group: string, finish: Finish, now: Millis): void {
    const state = this.#state()
    const run = state.runs.get(wait.run)
    const shard = run?.shards[wait.shard]
    const job = run && state.jobs.get(run.job)
    this.#known.delete(keyOf(wait))
    if (!job || shard?.state !== 'waiting') this.#backlog.placed(group)
    else if (finish === 'blocked') this.#backlog.block(job, run, shard, wait, true)
    else this.#backlog.wait({ ...wait, at: finish === 'again' ? 0 : now + AGAIN_MS })
  }
}

function pendingOf(job: Job, run: OpenRun, shard: Shard, wait: Wait, now: Millis): Pending {
  const wanted = { kind: 'shard', run: run.id, shard: shard.index, attempts: shard.attempts } as const
  return {
    evaluation: { job: job.uid, wanted },
    index: run.sequence,
    priority: job.spec.priority,
    calls: 1,
    since: now,
    deliveries: 0,
    followUps: 0,
    wait,
    group: groupOf(job, shard),
  }
}

function keyOf({ run, shard }: { run: string; shard: number }): string {
  return `${run}/${shard}`
}
