import { strict as assert } from 'node:assert'
import type { Entry } from '../../../control-plane/src/cluster/consensus.ts'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { OpenAttempt } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import { hasOwnUrl, takesWork } from './could-start.ts'

/** Connection failures in a row after which an executor gets nothing new, and for how long at first. */
const FAILURES = 5
const SHUT_MS = 10_000

/** What is known of the connections to one process of an executor. */
interface Connections {
  process: string
  failures: number
  from: Set<string>
  /** Until when it gets nothing new, and how often in a row that was so. */
  shutUntil: Millis
  shuts: number
  /** The one attempt that finds out whether it is back. */
  trial: string | undefined
}

/**
 * What is promised of who is asked: executors that are there, with traffic and with the labels; one that could not be
 * reached five times in a row gets nothing new for a while, and then one call at a time until it was reached.
 */
export class Placements {
  readonly #connections = new Map<string, Connections>()
  /** Where each part was asked for last, by run and shard: what stays there is not new. */
  readonly #at = new Map<string, string>()

  check({ command }: Entry, { events }: Applied, state: State): void {
    for (const event of events) {
      if (event.type === 'attempt-started') this.#started(event.run, event.shard, event.attempt, state)
      if (event.type === 'attempt-accepted') this.#reached(event.attempt, state)
      if (event.type === 'attempt-ended') {
        const { id, executor, node, outcome } = event.attempt
        const told =
          command.kind === 'attempts-finished' ? command.finishes.find(({ attempt }) => attempt === id) : undefined
        // The end of another part may have ended it before.
        const finish = told?.outcome === outcome ? told : undefined
        const key = this.#at.get(event.run + event.attempt.shard)
        const known = key === undefined ? undefined : this.#connections.get(key)
        if (known?.trial === id) known.trial = undefined
        if (event.attempt.next !== 'retry' && event.attempt.next !== 'redispatch' && event.attempt.next !== 'queued')
          this.#at.delete(event.run + event.attempt.shard)
        if (!known || !finish || executor === '-') continue
        if (finish.connectionFailed) this.#failed(known, node, state)
        else if (finish.status !== undefined || ['succeeded', 'failed'].includes(finish.outcome)) clean(known)
      }
    }
  }

  #started(runId: string, shard: number, attempt: OpenAttempt, state: State): void {
    const run = state.runs.get(runId)
    const job = run && state.jobs.get(run.job)
    if (!job) return
    const what = `${attempt.id} of ${job.name} goes to ${attempt.executor}`
    // Parts of a run that was split before its job was edited stay with executors.
    if (attempt.executor === '-' || (hasOwnUrl(job) && run.shards.length === 1)) {
      assert(hasOwnUrl(job) && attempt.executor === '-', `${what}: nobody has to be there just where a URL is called`)
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
    const known = this.#known(key, executor)
    if (!stays) this.#mayTry(known, attempt, what, state)
    this.#at.set(place, key)
  }

  #mayTry(known: Connections, attempt: OpenAttempt, what: string, state: State): void {
    if (known.shuts === 0) return
    assert(state.now >= known.shutUntil, `${what}, which could not be reached ${known.failures} times in a row`)
    assert(known.trial === undefined, `${what}, and ${known.trial} finds out whether it is back`)
    known.trial = attempt.id
  }

  #failed(known: Connections, node: string, state: State): void {
    known.failures += 1
    known.from.add(node)
    const senders = [...state.nodes.values()].filter(({ down }) => down !== true).length
    // What was there already is asked again all the same, and shuts it anew: for how long is not followed, but whoever
    // was to find out has then found nothing out.
    if (known.shuts > 0) {
      known.trial = undefined
      return
    }
    if (known.failures < FAILURES || known.from.size < Math.min(2, senders)) return
    known.shuts += 1
    known.shutUntil = state.now + SHUT_MS
  }

  #reached(attempt: string, state: State): void {
    const run = state.attempts.get(attempt)
    const shard = run === undefined ? undefined : state.runs.get(run)?.shards.find((one) => one.attempt?.id === attempt)
    const known = shard && this.#connections.get(this.#at.get(`${run}${shard.index}`) ?? '')
    if (known) clean(known)
  }

  #known(key: string, { url, bootId }: Executor): Connections {
    const process = `${url} ${bootId}`
    const known = this.#connections.get(key)
    if (known?.process === process) return known
    const fresh = { process, failures: 0, from: new Set<string>(), shutUntil: 0, shuts: 0, trial: undefined }
    this.#connections.set(key, fresh)
    return fresh
  }
}

function clean(known: Connections): void {
  known.failures = 0
  known.from.clear()
  known.shuts = 0
  known.trial = undefined
}
