import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { Job } from '../../../control-plane/src/jobs/job.ts'
import type { EndedAttempt } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { OWN_URL } from '../../../control-plane/src/state/executors.ts'

/**
 * What is promised of a shard that fails: it is given up only when everybody else who could have taken it over was asked.
 */
export class Takeovers {
  /** By run, then shard: who was asked, by service and id. */
  readonly #asked = new Map<string, Map<number, Set<string>>>()
  /** Parts that only one executor may do, by attempt. */
  readonly #bound = new Set<string>()
  /** Who could be given work before this entry, by service. */
  #eligible = new Map<number, Set<string>>()
  /** Shards that were given up after others had been asked. */
  moved = 0

  check(entry: Entry, { events }: Applied, state: State): void {
    const { command } = entry
    for (const event of events) {
      if (event.type === 'attempt-started') {
        const { attempt, run, shard } = event
        const shards = this.#asked.get(run) ?? new Map<number, Set<string>>()
        const open = state.runs.get(run)
        const asked = nameOf(open?.shards[shard]?.placedIn, attempt.executor)
        this.#asked.set(run, shards.set(shard, (shards.get(shard) ?? new Set()).add(asked)))
        if (open?.shards[shard]?.bound !== undefined || open?.executor !== undefined) this.#bound.add(attempt.id)
      }
      if (event.type === 'attempt-ended') {
        const retryable = retryableOf(command, event.attempt)
        const job = state.jobs.get(event.job)
        if (job && retryable && !this.#bound.has(event.attempt.id)) this.#givenUp(state, job, event.run, event.attempt)
        this.#bound.delete(event.attempt.id)
      }
    }
    for (const event of events) if (event.type === 'run-ended') this.#asked.delete(event.run.id)
    if (events.some(({ type }) => type === 'definitions-changed' || type === 'capacity-freed')) this.#note(state)
  }

  #givenUp(state: State, job: Job, run: string, { id, shard, outcome, next, executor }: EndedAttempt): void {
    if (next !== 'done' || outcome === 'succeeded' || outcome === 'skipped' || outcome === 'cancelled') return
    const { failover, onUncertain, target } = job.spec
    const { url } = target as { url?: string }
    if ((executor === OWN_URL && url !== undefined) || (outcome !== 'refused' && !failover)) return
    if ((outcome === 'uncertain' || outcome === 'timed-out') && onUncertain === 'fail') return
    const asked = this.#asked.get(run)?.get(shard) ?? new Set()
    if (asked.size > 1) this.moved += 1
    const service = state.serviceNames.get(`${job.namespace}/${target.service}`) ?? -1
    for (const other of state.executors.get(service)?.values() ?? []) {
      if (
        !this.#eligible.get(service)?.has(other.id) ||
        !takesCalls(other, job) ||
        asked.has(nameOf(service, other.id))
      )
        continue
      assert.fail(`${id} is given up, and ${other.id} was never asked to take it over`)
    }
  }

  #note(state: State): void {
    this.#eligible = new Map()
    for (const [service, executors] of state.executors)
      this.#eligible.set(service, new Set([...executors.values()].filter(isThere).map(({ id }) => id)))
  }
}

/** One of the same id in another service is another one. */
function nameOf(service: number | undefined, executor: string): string {
  return `${service ?? ''}/${executor}`
}

/** Whether there is an end of this very attempt that allows another one; its run may have ended over it. */
function retryableOf(command: Entry['command'], { id, outcome }: EndedAttempt): boolean {
  if (command.kind === 'attempts-finished')
    return command.finishes.find((end) => end.attempt === id)?.retryable === true
  return (command.kind === 'node-up' || command.kind === 'node-down') && outcome === 'uncertain'
}

function isThere({ status, weight, breaker, health }: Executor): boolean {
  return status === 'online' && weight > 0 && breaker === undefined && health === undefined
}

function takesCalls(executor: Executor, { spec }: Job): boolean {
  const { labels } = spec.routing
  if (spec.target.kind === 'http' && executor.url === 'pull') return false
  return isThere(executor) && Object.entries(labels).every(([key, value]) => executor.labels[key] === value)
}
