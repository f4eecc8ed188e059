import type { Millis } from '../runtime/clock.ts'
import type { FireDecision } from '../state/commands.ts'
import { type Asker, type Delivery, type Evaluation, NOTHING } from './evaluation.ts'
import type { Line, WaitingRun } from './waiting-runs.ts'
import type { Wait } from './waits.ts'

/** Now by two clocks: what fell due goes by the wall clock, what a worker may take goes by the one that never steps. */
export interface Moment {
  wall: Millis
  mono: number
}

/** An evaluation as the broker keeps it. */
export interface Pending {
  evaluation: Evaluation
  /** Log index at which it was made, of a part that of its run: its place among those of its priority. */
  index: number
  priority: number
  /** Calls that it may become. */
  calls: number
  /** Whose slots those need; absent for a part of a run that is under way. */
  namespace?: number
  since: Millis
  deliveries: number
  followUps: number
  /** What is to be proposed once it is planned. */
  decision?: FireDecision
  run?: WaitingRun
  wait?: Wait
  /** Of a shard: which others wait for the same. */
  group?: string
  withdrawn?: boolean
}

/** Evaluations that a worker has. */
export interface Out {
  token: string
  asker: Asker
  pending: Pending[]
  index: number
  /** By the monotonic clock. */
  until: number
}

/** What came of an evaluation that was handed back. */
export type Finish =
  /** Its entry is committed, or it needs none. */
  | 'done'
  /** Nothing was free. */
  | 'blocked'
  /** No slot of its namespace was, of a run. */
  | 'over-quota'
  /** It would find no room if everything were free. */
  | 'unfit'
  /** It was not looked at, or could not be proposed. */
  | 'again'
  /** It could not be planned. */
  | 'fault'

/** What an end says of the line of a run: of what there was none, or that there was room; undefined when nothing. */
export function fullnessOf(finish: Finish): Line['full'] | undefined {
  if (finish === 'done') return false
  if (finish === 'over-quota') return 'quota'
  return finish === 'blocked' ? 'own' : undefined
}

/**
 * Whether a queued run is handed out before what is ready: of the same priority when it is among the first of them, or
 * waits already for room that new fires would take.
 */
export function leavesBefore(run: WaitingRun, ready: Pending, isEarly: boolean, isShort: boolean): boolean {
  if (run.priority !== ready.priority) return run.priority > ready.priority
  return isEarly || (isShort && ready.wait === undefined)
}

/** What a worker is sent. */
export function deliveryOf(out: Out | undefined): Delivery {
  return out
    ? { token: out.token, index: out.index, evaluations: out.pending.map(({ evaluation }) => evaluation) }
    : NOTHING
}

export function comesFirst(a: Pending, b: Pending): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority
  return a.index < b.index || (a.index === b.index && a.since < b.since)
}
