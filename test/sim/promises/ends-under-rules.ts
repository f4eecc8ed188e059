import { strict as assert } from 'node:assert'
import type { AlertRule } from '../../../control-plane/src/alerts/rule.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** A rule on ends of runs and a job, as a reader of the rule would have it. */
interface Watched {
  /** When it happened lately. */
  times: number[]
  fires: boolean
  /** Times that it began to fire. */
  begun: number
}

/** Which rules on ends of runs fire for which jobs, worked out from nothing but the rows of those runs. */
export class EndsUnderRules {
  readonly #watched = new Map<string, Watched>()
  /** Episodes that began, by rule and job. */
  readonly #episodes = new Map<string, Set<string>>()

  check({ changes }: Applied, state: State): void {
    for (const rule of state.alertRules.values()) {
      if (rule.condition.kind !== 'run-ended') continue
      for (const change of changes) {
        if (change.kind === 'ended-run') this.#ended(rule, change.row.job, change.row.state, state.now)
        if (change.kind === 'episode') this.#began(rule, change.id as string, state)
      }
    }
  }

  checkState(state: State): void {
    for (const [key, { fires, begun }] of this.#watched) {
      assert.equal(state.alertIndex.open.has(key), fires, `${key} fires exactly when its rule says so`)
      assert.equal(this.#episodes.get(key)?.size ?? 0, begun, `${key} has an episode for each time that it began`)
    }
    for (const key of this.#episodes.keys()) assert(this.#watched.has(key), `${key} fires, and no run explains it`)
  }

  #ended({ uid, condition }: AlertRule, job: number, ended: string, now: number): void {
    if (condition.kind !== 'run-ended') return
    const key = `${uid}/job/${job}`
    const watched = this.#watched.get(key) ?? { times: [], fires: false, begun: 0 }
    this.#watched.set(key, watched)
    if (ended === 'succeeded') Object.assign(watched, { times: [], fires: false })
    if (!(condition.states as readonly string[]).includes(ended) || watched.fires) return
    watched.times = [...watched.times.filter((at) => at > now - condition.windowMs), now]
    if (watched.times.length < condition.count) return
    Object.assign(watched, { times: [], fires: true, begun: watched.begun + 1 })
  }

  #began({ uid }: AlertRule, id: string, { episodes }: State): void {
    const episode = episodes.get(id)
    if (episode?.rule !== uid) return
    const key = `${uid}/job/${episode.subject.id}`
    this.#episodes.set(key, (this.#episodes.get(key) ?? new Set()).add(id))
  }
}
