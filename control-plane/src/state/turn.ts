import type { Millis } from '../runtime/clock.ts'
import type { ProblemCode } from '../problems.ts'
import type { EndedRun } from '../runs/run.ts'
import type { Applied, Change, Event, Rejection } from './applied.ts'
import type { State } from './state.ts'

/** One entry being applied: the state it changes and what it says about that. */
export interface Turn {
  readonly state: State
  readonly index: number
  /** Replicated time, never falling. */
  readonly at: Millis
  readonly changes: Change[]
  readonly events: Event[]
  /** Runs that this entry has ended and that something follows from. */
  readonly ended: EndedRun[]
  /** Uids of jobs of which this entry has ended a run that failed. */
  readonly failing: number[]
  /** Uids of namespaces whose queue has room again, which it had not. */
  readonly roomyQueues: number[]
  /** Ledger rows written by this entry so far. */
  rows: number
}

/** The next position in the log for a ledger row: (index of the entry, ordinal within it). */
export function nextSequence(turn: Turn): readonly [number, number] {
  return [turn.index, turn.rows++]
}

/** How far back `note` looks. */
const LOOKED_BACK = 3

/** Says that something changed, unless the entry has just said so: what is read of it is how it stands in the end. */
export function note(turn: Turn, kind: 'run' | 'progress', id: string | number): void {
  const { changes } = turn
  for (let at = changes.length - 1; at >= 0 && at >= changes.length - LOOKED_BACK; at--) {
    const change = changes[at]
    if (change?.kind === kind && change.id === id) return
  }
  changes.push({ kind, id })
}

/** What a handler of one kind of command answers: a refusal, or what it made. */
export type Answer = { rejection: Rejection } | Applied['value'] | undefined

export function refuse(code: ProblemCode, detail: string): { rejection: Rejection } {
  return { rejection: { code, detail } }
}
