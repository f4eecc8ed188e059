import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { EndedAttempt, OpenAttempt } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { AttemptFinish, Command } from '../../../control-plane/src/state/commands.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { Breakers } from './breakers.ts'
import { hasOwnUrl, takesWork } from './could-start.ts'

/**
 * What is promised of who is asked: executors that are there, with traffic and with the labels, and whose circuit breaker
 * lets the call through.
 */
export class Placements {
  readonly breakers = new Breakers()
  /** Where each part was asked for last, by run and shard: what stays there is not new. */
  readonly #at = new Map<string, string>()

  check({ command }: Entry, { events }: Applied, state: State): void {
    for (const event of events) {
      if (event.type === 'attempt-started') this.#started(event.run, event.shard, event.attempt, state)
      if (event.type === 'attempt-accepted') this.#reached(event.run, event.attempt, state)
      if (event.type === 'attempt-ended') this.#ended(event.attempt, command, state)
    }
    this.breakers.check(command, state)
  }

  #ended({ id, run, shard, node, outcome, next }: EndedAttempt, command: Command, state: State): void {
    const place = run + shard
    const key = this.#at.get(place)
    const told =
      command.kind === 'attempts-finished' ? command.finishes.find(({ attempt }) => attempt === id) : undefined
    // The end of another part may have ended it before.
    const finish = told?.outcome === outcome ? told : undefined
    if (key !== undefined) this.breakers.ended(key, { id, node }, finish && wasReached(finish), state)
    if (next !== 'retry' && next !== 'redispatch' && next !== 'queued') this.#at.delete(place)
  }

  #started(runId: string, shard: number, attempt: OpenAttempt, state: State): void {
    const run = state.runs.get(runId)
    const job = run && state.jobs.get(run.job)
    if (!job) return
    const what = `${attempt.id} of ${job.name} goes to ${attempt.executor}`
    // Parts of a run that was split before its job was edited stay with executors.
    if (attempt.executor === '-' || (hasOwnUrl(job) && run.shards.length === 1)) {
      assert(hasOwnUrl(job) && attempt.executor === '-', `${what}: nobody has to be there just where a URL is called`)
      this.#at.delete(runId + shard)
      return
    }
    const service = state.serviceNames.get(`${job.namespace}/${job.spec.target.service}`) ?? -1
    const executor = state.executors.get(service)?.get(attempt.executor)
    assert(executor?.status === 'online', `${what}, which is ${executor?.status}`)
    const place = runId + shard
    const key = `${service}/${executor.id}`
    const stays = this.#at.get(place) === key
    const isChosen = run.executor !== undefined || run.shards[shard]?.bound !== undefined
    if (!stays && !isChosen && !takesWork(executor, job)) {
      const [wanted, labels] = [job.spec.routing.labels, executor.labels].map((one) => JSON.stringify(one))
      assert.fail(`${what}: it asks for ${wanted}, and that one has ${labels} and weight ${executor.weight}`)
    }
    this.breakers.started(key, attempt, stays, state)
    this.#at.set(place, key)
  }

  #reached(id: string, attempt: string, state: State): void {
    const shard = state.runs.get(id)?.shards.find((one) => one.attempt?.id === attempt)
    const key = shard && this.#at.get(id + shard.index)
    if (key !== undefined) this.breakers.reached(key)
  }
}

/** What an outcome says of the connection: that it failed, that somebody is there, or nothing. */
function wasReached({ connectionFailed, status, outcome }: AttemptFinish): boolean | undefined {
  if (connectionFailed) return false
  return status !== undefined || outcome === 'succeeded' || outcome === 'failed' ? true : undefined
}
