import type { Job } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf } from './commands.ts'
import type { State } from './state.ts'
import { type Answer, refuse, type Turn } from './turn.ts'
import { versionFault } from './versions.ts'

/** Earlier orders that are remembered for what fell due under them and is decided late, at most. */
const EARLIER_MAX = 32

/** An order that stops the schedules of a namespace, or all of them. The last one is kept when it is over. */
export interface Pause {
  by: string
  /** Log index of the entry that brought it. */
  entry: number
  from: Millis
  /** When it was over; absent while it holds. */
  to?: Millis
  /** Those before it, oldest first. */
  earlier?: { entry: number; from: Millis; to: Millis }[]
}

/** Whether an order above a job stops what fell due at an instant, however much later that is decided. */
export function isPausedAbove(state: State, job: Job, dueTime: Millis): boolean {
  return pauseAbove(state, job, dueTime) !== undefined
}

/** Log index of the order above a job that stops what fell due at an instant. */
export function pauseAbove(state: State, job: Job, dueTime: Millis): number | undefined {
  return orderAt(state.pause, dueTime) ?? orderAt(state.namespaces.get(job.namespace)?.pause, dueTime)
}

/** Whether an order above a job held at some time of a stretch. */
export function wasPausedAbove(state: State, job: Job, from: Millis, to: Millis): boolean {
  return heldWithin(state.pause, from, to) || heldWithin(state.namespaces.get(job.namespace)?.pause, from, to)
}

/** Whether nothing is started by itself of a job at the moment: it, its namespace or the scheduler is paused. */
export function isPaused(state: State, job: Job): boolean {
  return job.state === 'paused' || isPausedAbove(state, job, state.now)
}

function orderAt(pause: Pause | undefined, at: Millis): number | undefined {
  if (pause === undefined) return undefined
  if (at >= pause.from) return pause.to === undefined || at < pause.to ? pause.entry : undefined
  return pause.earlier?.find(({ from, to }) => at >= from && at < to)?.entry
}

function heldWithin(pause: Pause | undefined, from: Millis, to: Millis): boolean {
  const orders = pause === undefined ? [] : [pause, ...(pause.earlier ?? [])]
  return orders.some((order) => order.from < to && (order.to === undefined || order.to > from))
}

/** Whether an order is in force. */
export function isInForce(pause: Pause | undefined): pause is Pause {
  return pause !== undefined && pause.to === undefined
}

/**
 * Stops the schedules of a namespace, or lets them go on. Fires go on being decided as they fall due, each `paused`, so
 * that nothing has to be counted afterwards; what waits, what runs and what somebody asks for is left alone.
 */
export function pauseNamespace(turn: Turn, command: CommandOf<'namespace-pause'>): Answer {
  const { state } = turn
  const namespace = state.namespaces.get(state.namespaceNames.get(command.name) ?? -1)
  if (!namespace) return refuse('namespace-not-found', `there is no namespace ${command.name}`)
  const fault = versionFault(namespace, command.ifVersion, `namespace ${command.name}`)
  if (fault) return fault
  const pause = changed(turn, namespace.pause, command)
  if (!pause) return { version: namespace.version }
  namespace.pause = pause
  namespace.version += 1
  namespace.updatedAt = turn.at
  turn.changes.push({ kind: 'namespace', id: namespace.uid })
  turn.events.push({ type: 'definitions-changed', what: 'namespace' })
  return { version: namespace.version }
}

/** The same for everything that the cluster schedules. */
export function pauseScheduler(turn: Turn, command: CommandOf<'scheduler-pause'>): Answer {
  const pause = changed(turn, turn.state.pause, command)
  if (!pause) return {}
  turn.state.pause = pause
  turn.changes.push({ kind: 'meta', id: 'pause' })
  return {}
}

/** The order that follows, or undefined when nothing changes. */
function changed(
  turn: Turn,
  old: Pause | undefined,
  { by, paused }: { by: string; paused: boolean },
): Pause | undefined {
  if (paused === isInForce(old)) return undefined
  if (!old) return { by, entry: turn.index, from: turn.at }
  if (!paused) return { ...old, to: turn.at }
  const earlier = [...(old.earlier ?? []), { entry: old.entry, from: old.from, to: old.to ?? turn.at }].slice(
    -EARLIER_MAX,
  )
  return { by, entry: turn.index, from: turn.at, earlier }
}
