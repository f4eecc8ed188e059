import { type AlertSubject, type AlertTally, TALLIES_MAX, watchKey } from '../alerts/episode.ts'
import type { Turn } from './turn.ts'

/** What a rule remembers of a subject, to be changed and then `keep`t; undefined when nothing more can be remembered. */
export function tallyOf({ state }: Turn, rule: number, { kind, id }: Pick<AlertSubject, 'kind' | 'id'>): AlertTally {
  return state.alertTallies.get(watchKey(rule, kind, id)) ?? { rule, kind, subject: id }
}

export function keepTally({ state, changes }: Turn, tally: AlertTally): void {
  const key = watchKey(tally.rule, tally.kind, tally.subject)
  if (!state.alertTallies.has(key) && state.alertTallies.size >= TALLIES_MAX) return
  state.alertTallies.set(key, tally)
  changes.push({ kind: 'alert-tally', id: key })
}

export function forgetTally({ state, changes }: Turn, key: string): void {
  if (state.alertTallies.delete(key)) changes.push({ kind: 'alert-tally', id: key })
}

/** Forgets what rules remember; in an order that is the same on every node. Looks at everything once, for all of them. */
export function forgetTallies(turn: Turn, rules: ReadonlySet<number>): void {
  const its = [...turn.state.alertTallies].filter(([, { rule }]) => rules.has(rule)).map(([key]) => key)
  for (const key of its.sort()) forgetTally(turn, key)
}
