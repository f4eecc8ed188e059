import type { Attempt, Run, Stretch } from '@cronclave/openapi'
import type { Seen } from '../support/executor.ts'
import { fireOf } from './harness.ts'

/** A job as the checker knows it: its fires, derived from the schedule and from nothing that the server says. */
export interface Expected {
  job: string
  /** Nominal instants, ascending. Absent: only requested runs. */
  fires?: readonly number[]
}

/** Everything that the ledger says of a job. */
export interface Recorded {
  runs: readonly Run[]
  stretches: readonly Stretch[]
  attempts: readonly Attempt[]
}

const OPEN = new Set(['queued', 'running'])

/** In the manner of Jepsen's check of Chronos: what must exist comes from the schedule. Answers what is wrong, in sentences. */
export function faultsOfJob({ job, fires = [] }: Expected, { runs, stretches }: Recorded): string[] {
  const faults: string[] = []
  const say = (what: string) => faults.push(`${job}: ${what}`)
  const scheduled = runs.filter(({ cause }) => cause === 'schedule' || cause === 'misfire')
  const ran = countBy(scheduled.map(fireOf))
  const spans = stretches.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const)
  for (const fire of fires) {
    const covering = spans.filter(([from, to]) => from <= fire && fire <= to).length
    const records = (ran.get(fire) ?? 0) + covering
    if (records !== 1) say(`the fire of ${new Date(fire).toISOString()} has ${records} records`)
  }
  const due = new Set(fires)
  for (const fire of ran.keys()) if (!due.has(fire)) say(`ran at ${new Date(fire).toISOString()}, when it was not due`)
  const skipped = stretches.reduce((sum, { count }) => sum + count, 0)
  if (scheduled.length + skipped !== fires.length) {
    say(`${fires.length} fires, but ${scheduled.length} runs and ${skipped} fires in stretches`)
  }
  for (const [id, count] of countBy(runs.map(({ id }) => id))) if (count > 1) say(`run ${id} is listed ${count} times`)
  for (const run of runs) if (OPEN.has(run.state)) say(`run ${run.id} is still ${run.state}`)
  return faults
}

/** What executors saw, held against the ledger's attempts. */
export function faultsOfCalls(seen: Seen, attempts: readonly Attempt[]): string[] {
  const faults: string[] = []
  const known = new Map(attempts.map((attempt) => [attempt.id, attempt]))
  for (const [token, count] of countBy(attempts.map(({ fencingToken }) => fencingToken))) {
    if (count > 1) faults.push(`${count} attempts carry the fencing token ${token}`)
  }
  const last = new Map<string, number>()
  const arrived = [...seen.dispatched, ...seen.hits].sort((a, b) => a.at - b.at)
  for (const { run, attempt, token } of arrived) {
    const row = known.get(attempt)
    if (!row) faults.push(`attempt ${attempt} reached the executor and is not in the ledger`)
    else if (Number(row.fencingToken) !== token) faults.push(`attempt ${attempt} came with a token not its own`)
    if (token <= (last.get(run) ?? 0)) faults.push(`run ${run}: token ${token} came after ${last.get(run)}`)
    last.set(run, token)
  }
  return [...faults, ...handledTwice(seen), ...outcomesWithoutCall(seen, attempts)]
}

/** A call that stands for one that the handler has taken must not call the handler again. */
function handledTwice({ dispatched, handled }: Seen): string[] {
  const calls = countBy(handled.map(({ attempt }) => attempt))
  const faults = [...calls].filter(([, count]) => count > 1).map(([id, count]) => `${id} was handled ${count} times`)
  const by = new Map(handled.map((call) => [call.attempt, call]))
  for (const { attempt, supersedes } of dispatched) {
    // A handler that gave up because nobody waited for it has no outcome to stand for.
    const earlier = supersedes.find((id) => by.has(id) && by.get(id)?.aborted === undefined)
    if (earlier !== undefined && by.has(attempt)) faults.push(`${attempt} was handled although ${earlier} had been`)
  }
  return faults
}

function outcomesWithoutCall({ dispatched, hits }: Seen, attempts: readonly Attempt[]): string[] {
  const reached = new Set([...dispatched, ...hits].map(({ attempt }) => attempt))
  return attempts
    .filter(({ id, outcome }) => outcome === 'succeeded' && !reached.has(id))
    .map(({ id }) => `${id} succeeded without a call`)
}

/** Fires of a fixed rate in a window, both ends included. */
export function everyFires(from: number, to: number, everyMs: number): number[] {
  return Array.from({ length: Math.max(0, Math.floor((to - from) / everyMs) + 1) }, (_, i) => from + i * everyMs)
}

/** Fires of a cron expression that names seconds only, in a window, both ends included. */
export function secondFires(from: number, to: number, seconds: (second: number) => boolean): number[] {
  return everyFires(Math.ceil(from / 1000) * 1000, to, 1000).filter((at) => seconds((at / 1000) % 60))
}

function countBy<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}
