import { type AlertSubject, type AlertTally, TALLIES_MAX, watchKey } from '../alerts/episode.ts'
import type { CommandOf } from './commands.ts'
import type { Answer, Turn } from './turn.ts'

/** Tallies of rules that are deleted which go in the same entry, at most. */
const AT_ONCE_MAX = 1000

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
  forgetAll(turn, keysOf(turn, rules))
}

/** The same for rules that are gone. Where that is too much for one entry it is left to the leader, who goes step by step. */
export function forgetFewTallies(turn: Turn, rules: ReadonlySet<number>): void {
  const keys = keysOf(turn, rules, AT_ONCE_MAX + 1)
  if (keys.length <= AT_ONCE_MAX) forgetAll(turn, keys)
}

/** Forgets what rules remembered that are not there any more. */
export function forgetGoneTallies(turn: Turn, { tallies }: CommandOf<'alert-tallies-forget'>): Answer {
  const { alertRules, alertTallies } = turn.state
  for (const key of tallies) {
    const tally = alertTallies.get(key)
    if (tally && !alertRules.has(tally.rule)) forgetTally(turn, key)
  }
  return {}
}

function keysOf({ state }: Turn, rules: ReadonlySet<number>, max = Number.POSITIVE_INFINITY): string[] {
  const keys: string[] = []
  for (const [key, { rule }] of state.alertTallies) {
    if (rules.has(rule)) keys.push(key)
    if (keys.length === max) break
  }
  return keys
}

function forgetAll(turn: Turn, keys: string[]): void {
  for (const key of keys.sort()) forgetTally(turn, key)
}
