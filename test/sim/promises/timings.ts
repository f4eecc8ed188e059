import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { EndedAttempt } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { AttemptFinish } from '../../../control-plane/src/state/commands.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { Targets } from './targets.ts'

/** How long a part waits that everybody was too busy for, at least, in milliseconds. */
const BUSY_MS = 1000
/** What is rounded off a delay. */
const ROUNDED_MS = 1

/** An attempt that an executor took on, and until when at least it is waited for. */
interface Accepted {
  leaseUntil: Millis
  deadline: Millis
}

/**
 * What is promised of instants: nobody is asked again before the delay of the policy is over, nothing ends for its lease or
 * its deadline before that, and what an executor took on outlives the node that had sent it.
 */
export class Timings {
  /** From when on a part may be asked for again, by run and shard. */
  readonly #notBefore = new Map<string, Millis>()
  /** Retries in a row on one executor, by run and shard. */
  readonly #retries = new Map<string, number>()
  /** The process that a part was asked of last, by run and shard. */
  readonly #at = new Map<string, string>()
  readonly #targets = new Targets()
  readonly #accepted = new Map<string, Accepted>()
  readonly #deadlines = new Map<string, Millis>()

  check({ command }: Entry, { events }: Applied, state: State): void {
    for (const event of events) {
      this.#targets.note(event, state)
      switch (event.type) {
        case 'attempt-started': {
          const key = `${event.run}/${event.shard}`
          const from = this.#notBefore.get(key)
          if (from !== undefined)
            assert(state.now >= from, `${event.attempt.id} starts ${from - state.now} ms before its delay is over`)
          this.#notBefore.delete(key)
          const { executor, bootId } = event.attempt
          // Another one begins with retries of its own.
          const at = [this.#targets.movesOf(state.runs.get(event.run)?.job ?? 0), executor, bootId].join(' ')
          if (this.#at.get(key) !== at) this.#retries.delete(key)
          this.#at.set(key, at)
          this.#deadlines.set(event.attempt.id, event.attempt.deadline)
          break
        }
        case 'attempt-accepted': {
          const leaseMs = command.kind === 'attempts-accepted' && leaseOf(command.accepted, event.attempt)
          const deadline = this.#deadlines.get(event.attempt) ?? 0
          if (leaseMs !== false) this.#accepted.set(event.attempt, { leaseUntil: state.now + leaseMs, deadline })
          break
        }
        case 'attempt-ended': {
          const finish = command.kind === 'attempts-finished' ? finishOf(command.finishes, event.attempt) : undefined
          this.#ended(event.attempt, command.kind, finish, state.now)
          const job = state.jobs.get(event.job)
          if (job) this.#waits(job, event.attempt, finish, state.now)
          break
        }
        case 'run-ended':
          for (const map of [this.#notBefore, this.#retries, this.#at])
            for (let shard = 0; shard < Math.max(1, event.run.shardEnds?.length ?? 0); shard++)
              map.delete(`${event.run.id}/${shard}`)
          break
        default:
      }
    }
  }

  #ended(
    { id, error, outcome }: EndedAttempt,
    by: Entry['command']['kind'],
    finish: AttemptFinish | undefined,
    now: Millis,
  ): void {
    const accepted = this.#accepted.get(id)
    const deadline = this.#deadlines.get(id)
    this.#accepted.delete(id)
    this.#deadlines.delete(id)
    if (by === 'node-up' || by === 'node-down')
      assert(
        !accepted || outcome !== 'uncertain',
        `${id} depends on its executor alone, and ends with the node that sent it`,
      )
    if (finish && error?.code === 'lease-ended')
      assert(accepted && now >= accepted.leaseUntil, `${id} ends for its lease before that is over`)
    if (finish && outcome === 'timed-out' && error?.code === 'timeout' && accepted)
      assert(now >= (deadline ?? 0), `${id} ends for its deadline before that has come`)
  }

  /** For how long nobody may be asked for the part again. */
  #waits(
    { spec, uid }: Job,
    { run, shard, outcome, next }: EndedAttempt,
    finish: AttemptFinish | undefined,
    now: Millis,
  ): void {
    const key = `${run}/${shard}`
    if (!this.#at.get(key)?.startsWith(`${this.#targets.movesOf(uid)} `)) this.#retries.delete(key)
    const { delayMs, backoff, maxDelayMs, jitter } = spec.retry
    // Rounds of refusals are counted apart.
    const count = outcome === 'refused' ? 0 : (this.#retries.get(key) ?? 0)
    if (next === 'retry') {
      const grown = Math.min(delayMs * (backoff === 'exponential' ? 2 ** count : 1), maxDelayMs)
      this.#notBefore.set(key, now + grown * (1 - jitter) - ROUNDED_MS)
      if (outcome !== 'refused') this.#retries.set(key, count + 1)
    } else if (next === 'queued' && (finish?.status === 503 || finish?.status === 429)) {
      this.#notBefore.set(key, now + BUSY_MS)
    } else if (next === 'failover') this.#retries.delete(key)
  }
}

function leaseOf(accepted: readonly { attempt: string; leaseMs: number }[], id: string): number {
  return accepted.find(({ attempt }) => attempt === id)?.leaseMs ?? 0
}

function finishOf(finishes: readonly AttemptFinish[], { id }: EndedAttempt): AttemptFinish | undefined {
  return finishes.find(({ attempt }) => attempt === id)
}
