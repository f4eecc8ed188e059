import { strict as assert } from 'node:assert'
import type { Executor } from '../../../control-plane/src/discovery/executor.ts'
import type { Millis } from '../../../control-plane/src/runtime/clock.ts'
import type { OpenAttempt } from '../../../control-plane/src/runs/run.ts'
import type { Command } from '../../../control-plane/src/state/commands.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** Connection failures in a row after which an executor gets nothing new. */
const FAILURES = 5
/** For how long at first, and at most however often it is tried in vain, in milliseconds. */
const SHUT_MS = 10_000
const SHUT_MS_MAX = 300_000

/** What is known of the connections to one process of an executor. */
interface Connections {
  url: string
  bootId: string | undefined
  failures: number
  from: Set<string>
  breaker: 'closed' | 'open' | 'half-open'
  /** While it is open: how long this time, and until when. */
  shutMs: number
  until: Millis
  /** While it is half open: the one attempt that finds out whether it is back. */
  trial: string | undefined
}

/**
 * What is promised of circuit breakers, followed from the entries: five failures in a row, from two nodes where two send,
 * shut an executor for 10 s; then one attempt at a time tries it; whoever gets through opens it to all, whoever does not
 * shuts it for twice as long, up to 5 minutes.
 */
export class Breakers {
  readonly #connections = new Map<string, Connections>()
  /** How often one opened, and how often a trial in vain made it longer. */
  opened = 0
  doubled = 0

  /** An attempt begins; `stays`: its part is there already, so that it is not new. */
  started(key: string, attempt: OpenAttempt, stays: boolean, state: State): void {
    const known = this.#connections.get(key)
    if (known === undefined || known.breaker === 'closed') return
    if (!stays) {
      const what = `${attempt.id} goes to ${attempt.executor}`
      assert(known.breaker === 'half-open', `${what}, which could not be reached, ${known.until - state.now} ms early`)
      assert(known.trial === undefined, `${what}, and ${known.trial} finds out whether it is back`)
    }
    if (known.breaker === 'half-open') known.trial ??= attempt.id
  }

  /** An attempt is over: `reached` says what that tells of its executor, if anything. */
  ended(key: string, { id, node }: { id: string; node: string }, reached: boolean | undefined, state: State): void {
    const known = this.#connections.get(key)
    if (known === undefined) return
    if (known.trial === id) known.trial = undefined
    if (reached === true) this.reached(key)
    if (reached !== false) return
    known.failures += 1
    known.from.add(node)
    if (known.breaker === 'half-open') {
      this.doubled += 1
      shut(known, Math.min(known.shutMs * 2, SHUT_MS_MAX), state.now)
    }
    // What was there already is asked again all the same: that it fails is no news.
    const senders = [...state.nodes.values()].filter(({ down }) => down !== true).length
    if (known.breaker !== 'closed' || known.failures < FAILURES || known.from.size < Math.min(2, senders)) return
    this.opened += 1
    shut(known, SHUT_MS, state.now)
  }

  /** Somebody answered there. */
  reached(key: string): void {
    const known = this.#connections.get(key)
    if (known) Object.assign(known, clean())
  }

  /** After an entry: every circuit breaker is as it is to be. */
  check(command: Command, state: State): void {
    if (command.kind === 'breakers-half-open') {
      for (const { service, id } of command.executors) {
        const known = this.#connections.get(`${service}/${id}`)
        if (known?.breaker === 'open' && known.until <= state.now) known.breaker = 'half-open'
      }
    }
    for (const [service, executors] of state.executors)
      for (const executor of executors.values()) this.#checkOne(`${service}/${executor.id}`, executor)
    if (command.kind === 'executor-delete') this.#connections.delete(`${command.service}/${command.id}`)
  }

  /** Nothing stays shut once its time is over. */
  checkDrained(before: Millis): void {
    for (const [key, { breaker, until }] of this.#connections)
      assert(breaker !== 'open' || until > before, `${key} is shut since ${until}, and nobody may try it`)
  }

  #checkOne(key: string, { url, bootId, breaker }: Executor): void {
    let known = this.#connections.get(key)
    if (known === undefined || known.url !== url || known.bootId !== bootId) {
      known = { url, bootId, ...clean() }
      this.#connections.set(key, known)
    }
    const found = breaker?.state ?? 'closed'
    const until = breaker?.state === 'open' ? breaker.until : 0
    if (found === known.breaker && (found !== 'open' || until === known.until)) return
    const wanted = known.breaker === 'open' ? `open until ${known.until}` : known.breaker
    assert.fail(
      `${key} could not be reached ${known.failures} times in a row: its circuit breaker is to be ${wanted}, and is ${found}${until > 0 ? ` until ${until}` : ''}`,
    )
  }
}

function shut(known: Connections, shutMs: number, now: Millis): void {
  Object.assign(known, { breaker: 'open', shutMs, until: now + shutMs, trial: undefined })
}

function clean(): Omit<Connections, 'url' | 'bootId'> {
  return { failures: 0, from: new Set(), breaker: 'closed', shutMs: 0, until: 0, trial: undefined }
}
