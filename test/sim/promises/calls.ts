import { strict as assert } from 'node:assert'
import type { EndedAttempt, OpenAttempt } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import { OWN_URL } from '../../../control-plane/src/state/executors.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { REDISPATCHES_MAX } from '../../../control-plane/src/dispatch/decide.ts'
import { Targets } from './targets.ts'

/** How often one shard has been asked again. */
interface Asked {
  retries: number
  /** How often all executors were asked anew, since the last one left had refused. */
  rounds: number
  redispatches: number
  /** Greatest `retry.max` that the job has had since the shard began: an edit holds for what is called next. */
  retryMax: number
  /** How often its job had been edited to call something else. */
  moves: number
}

/** Why a node did not send a call, for reasons of its own. */
const UNSENT: ReadonlySet<string> = new Set(['no-leader', 'node-stopping', 'not-polled'])

/** What is promised about asking again: no more retries than allowed, and only who was asked hears what a call stands for. */
export class Calls {
  /** By run, then shard. */
  readonly #asked = new Map<string, Map<number, Asked>>()
  readonly #went = new Map<string, string>()
  /** Shards with an open attempt. */
  readonly #open = new Map<string, string>()
  readonly #targets = new Targets()

  check(applied: Applied, state: State): void {
    for (const event of applied.events) {
      this.#targets.note(event, state)
      if (event.type === 'attempt-started') {
        const key = `${event.run}/${event.shard}`
        const other = this.#open.get(key)
        assert(other === undefined, `${event.attempt.id} starts while ${other} is open: one attempt at a time`)
        this.#open.set(key, event.attempt.id)
        this.#started(event.run, event.shard, event.attempt, state)
      }
      if (event.type === 'attempt-ended') {
        this.#open.delete(`${event.run}/${event.attempt.shard}`)
        this.#ended(event.run, event.job, event.attempt, state.jobs.get(event.job)?.spec.retry.max ?? 0)
      }
      if (event.type === 'run-ended') this.#asked.delete(event.run.id)
    }
  }

  #started(runId: string, shard: number, attempt: OpenAttempt, state: State): void {
    const run = state.runs.get(runId)
    const job = run && state.jobs.get(run.job)
    if (!job) return
    const { executor, bootId } = attempt
    // A URL is the same whichever service lends it a secret.
    const to = executor === OWN_URL ? executor : `${job.spec.target.service}/${executor}/${bootId}`
    this.#went.set(attempt.id, to)
    for (const earlier of attempt.supersedes) {
      assert.equal(this.#went.get(earlier), to, 'only the instance that was asked is told what a call stands for')
    }
    const shards = this.#asked.get(runId) ?? new Map<number, Asked>()
    const moves = this.#targets.movesOf(job.uid)
    const asked = shards.get(shard) ?? { retries: 0, rounds: 0, redispatches: 0, retryMax: 0, moves }
    if (asked.moves !== moves) Object.assign(asked, { retries: 0, moves })
    // After an uncertain outcome another instance begins anew.
    if (asked.redispatches > 0 && attempt.supersedes.length === 0) Object.assign(asked, { retries: 0, redispatches: 0 })
    shards.set(shard, asked)
    this.#asked.set(runId, shards)
  }

  #ended(runId: string, job: number, attempt: EndedAttempt, retryMax: number): void {
    const asked = this.#asked.get(runId)?.get(attempt.shard)
    if (!asked) return
    asked.retryMax = Math.max(asked.retryMax, retryMax)
    if (attempt.next === 'retry') asked.retries += 1
    if (attempt.next === 'failover' || asked.moves !== this.#targets.movesOf(job)) asked.retries = 0
    if (attempt.next === 'retry' && attempt.outcome === 'refused') asked.rounds += 1
    assert(asked.rounds <= asked.retryMax, `${attempt.id}: all were asked anew ${asked.rounds} times`)
    if (attempt.next === 'redispatch') asked.redispatches += 1
    // Where nobody was asked, everything is as it was.
    else if (attempt.outcome !== 'refused' || !UNSENT.has(attempt.error?.code ?? '')) asked.redispatches = 0
    assert(asked.retries <= asked.retryMax, `${attempt.id}: ${asked.retries} retries on one executor`)
    assert(asked.redispatches <= REDISPATCHES_MAX, `${attempt.id}: ${asked.redispatches} redispatches in a row`)
  }
}
