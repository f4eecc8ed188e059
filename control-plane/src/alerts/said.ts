import type { Said } from '../cluster/node-report.ts'
import type { Millis } from '../runtime/clock.ts'
import type { AlertObservation } from '../state/alert-commands.ts'
import { isRecorded, ofNamespace } from '../state/alert-index.ts'
import type { State } from '../state/state.ts'
import { EPISODES_OPEN_MAX } from './episode.ts'
import type { AlertRule } from './rule.ts'

/** What a node remembers having said, at most; the oldest give way. */
export const SAID_MAX = 20

/** Where a node keeps what it has said, so that it is also told to be over when the node was started again meanwhile. */
export interface SaidKeeper {
  load(): Promise<Said[]>
  /** Durably and whole. Never throws. */
  save(said: readonly Said[]): Promise<void>
}

/** What this node has told channels of while nobody could write it down, until a leader has recorded that it is over. */
export class SaidAlone {
  readonly #keeper: SaidKeeper
  #said: Said[]
  #saving: Promise<void> = Promise.resolve()

  private constructor(keeper: SaidKeeper, said: Said[]) {
    this.#keeper = keeper
    this.#said = said
  }

  static async open(keeper: SaidKeeper): Promise<SaidAlone> {
    return new SaidAlone(keeper, (await keeper.load()).slice(-SAID_MAX))
  }

  /** To be called when it is told. What was told under the same key goes on. */
  say(said: Omit<Said, 'until'>): void {
    const known = this.#said.find(({ key }) => key === said.key)
    if (known && known.until === undefined) return
    const since = Math.min(known?.since ?? said.since, said.since)
    this.#said = [...this.#said.filter((each) => each !== known), { ...said, since }].slice(-SAID_MAX)
    this.#save()
  }

  /** There is a leader: whatever goes on is over. */
  end(until: Millis): void {
    if (this.#said.every((each) => each.until !== undefined)) return
    this.#said = this.#said.map((each) => ({ ...each, until: each.until ?? Math.max(until, each.since) }))
    this.#save()
  }

  /** What is over and not recorded yet; forgets what is, and what no rule is about any more. */
  over(state: State): Said[] {
    const left = this.#said.filter(({ rule, key }) => {
      const its = state.alertRules.get(rule)
      return its?.condition.kind === 'no-leader' && !isRecorded(state, its.namespace, key)
    })
    if (left.length < this.#said.length) {
      this.#said = left
      this.#save()
    }
    return left.filter(({ until }) => until !== undefined)
  }

  /** Resolves when everything is kept. */
  stop(): Promise<void> {
    return this.#saving
  }

  #save(): void {
    this.#saving = this.#saving.then(() => this.#keeper.save(this.#said))
  }
}

/** What the leader is to record of what nodes have said: each under the key that it was told under. */
export function saidObservations(state: State, nodes: Iterable<{ said?: readonly Said[] }>): AlertObservation[] {
  const found = new Map<string, AlertObservation>()
  for (const { said = [] } of nodes)
    for (const { key, rule: uid, subject, since, until } of said) {
      const rule = state.alertRules.get(uid)
      if (until === undefined || found.has(key) || !rule?.enabled || rule.condition.kind !== 'no-leader') continue
      if (isRecorded(state, rule.namespace, key) || isFull(state, rule.namespace)) continue
      const lasted = `${Math.round((until - since) / 1000)} s`
      const summary =
        subject.kind === 'node'
          ? `Node ${subject.name} heard of no leader for ${lasted}, and hears of one again.`
          : `There was no leader for ${lasted}: nothing started meanwhile.`
      found.set(key, { rule: uid, subject, firing: true, summary, since, until, key, isSaid: true })
    }
  return [...found.values()]
}

/** The key under which channels are told that there is no leader: the same on every node that lost the same one. */
export function noLeaderKey(state: State, rule: AlertRule): string {
  return freshKey(state, rule, `no-leader-${state.cluster}-${rule.uid}-${state.term}`)
}

/** The key under which they are told that a node is cut off. */
export function cutOffKey(state: State, rule: AlertRule, node: string): string {
  return freshKey(state, rule, `cut-off-${state.cluster}-${rule.uid}-${state.term}-${node}`)
}

/** One leader may be lost, and found again, more than once. */
function freshKey(state: State, { namespace }: AlertRule, key: string): string {
  if (!isRecorded(state, namespace, key)) return key
  for (let time = 2; ; time++) if (!isRecorded(state, namespace, `${key}-${time}`)) return `${key}-${time}`
}

/** While more goes on than is recorded, it waits. */
function isFull({ alertIndex }: State, namespace: number): boolean {
  return ofNamespace(alertIndex, namespace).open >= EPISODES_OPEN_MAX
}
