import type { Executor } from '../discovery/executor.ts'
import type { Millis } from '../runtime/clock.ts'
import type { CommandOf } from './commands.ts'
import { executorChanged } from './executor-changes.ts'
import type { State } from './state.ts'
import type { Answer, Turn } from './turn.ts'

/** Connection failures in a row that open the circuit breaker of an executor. */
export const BREAKER_FAILURES = 5
/** How long it stays open at first, in milliseconds; each time that a trial fails, twice as long … */
export const BREAKER_OPEN_MS = 10_000
/** … up to this. */
export const BREAKER_OPEN_MS_MAX = 300_000
/** Circuit breakers that one entry half-opens at most. */
export const HALF_OPEN_MAX = 256

/**
 * Counts a connection that a node could not make before a byte was sent, or one that it made, towards the circuit breaker.
 * Where several nodes send, one of them alone does not open it: its own network may be at fault.
 */
export function noteConnection(turn: Turn, executor: Executor, node: string, failed: boolean): void {
  if (!failed) return noteContact(turn, executor)
  executor.failures += 1
  if (executor.failedFrom?.includes(node) !== true) executor.failedFrom = [...(executor.failedFrom ?? []), node]
  if (executor.breaker?.state === 'half-open') return open(turn, executor, executor.breaker.openings + 1)
  const witnesses = Math.min(2, sendersOf(turn.state))
  if (!executor.breaker && executor.failures >= BREAKER_FAILURES && executor.failedFrom.length >= witnesses) {
    return open(turn, executor, 1)
  }
  turn.changes.push({ kind: 'executor', service: executor.service, id: executor.id })
}

/** Marks the attempt that tries an executor whose circuit breaker is half open: until it has ended, no other does. */
export function noteTrial(turn: Turn, executor: Executor, attempt: string): void {
  const { breaker } = executor
  if (breaker?.state !== 'half-open' || isTried(turn.state, executor)) return
  breaker.trial = attempt
  turn.changes.push({ kind: 'executor', service: executor.service, id: executor.id })
}

/** Whether an attempt is under way that tries an executor whose circuit breaker is half open. */
export function isTried({ attempts }: Pick<State, 'attempts'>, { breaker }: Executor): boolean {
  return breaker?.state === 'half-open' && breaker.trial !== undefined && attempts.has(breaker.trial)
}

/** Executors whose circuit breaker has been open for as long as it was to be. */
export function breakersDue(
  { executors }: Pick<State, 'executors'>,
  now: Millis,
): CommandOf<'breakers-half-open'>['executors'] {
  const due: CommandOf<'breakers-half-open'>['executors'] = []
  for (const those of executors.values()) {
    for (const { service, id, breaker } of those.values()) {
      if (breaker?.state === 'open' && breaker.until <= now) due.push({ service, id })
      if (due.length === HALF_OPEN_MAX) return due
    }
  }
  return due
}

/** Lets one attempt try each of these executors; a breaker that was opened anew since stays open. */
export function halfOpen(turn: Turn, command: CommandOf<'breakers-half-open'>): Answer {
  for (const { service, id } of command.executors) {
    const executor = turn.state.executors.get(service)?.get(id)
    if (executor?.breaker?.state !== 'open' || executor.breaker.until > turn.at) continue
    replace(turn, executor, { ...executor, breaker: { state: 'half-open', openings: executor.breaker.openings } })
  }
  return {}
}

/** There is somebody at the other end: it closes. */
function noteContact(turn: Turn, executor: Executor): void {
  if (executor.failures === 0 && !executor.breaker) return
  const { failedFrom: _failedFrom, breaker, ...rest } = executor
  const clean = { ...rest, failures: 0 }
  if (breaker) return replace(turn, executor, clean)
  executor.failures = 0
  delete executor.failedFrom
  turn.changes.push({ kind: 'executor', service: executor.service, id: executor.id })
}

function open(turn: Turn, executor: Executor, openings: number): void {
  const openMs = Math.min(BREAKER_OPEN_MS * 2 ** (openings - 1), BREAKER_OPEN_MS_MAX)
  replace(turn, executor, { ...executor, breaker: { state: 'open', until: turn.at + openMs, openings } })
}

function replace(turn: Turn, { service, id }: Executor, by: Executor): void {
  turn.state.executors.get(service)?.set(id, by)
  executorChanged(turn, by)
}

/** Nodes that may send: those that are not given up. */
function sendersOf({ nodes }: State): number {
  let senders = 0
  for (const { down } of nodes.values()) if (!down) senders += 1
  return senders
}
