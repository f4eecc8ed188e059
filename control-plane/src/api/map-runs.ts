import type { MapRun, MapState } from '@cronclave/openapi'
import type { Job } from '../jobs/job.ts'
import type { OpenRun, Shard } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import type { State } from '../state/state.ts'
import { callsOwnUrl, OWN_URL } from '../state/executors.ts'
import { each } from './pages.ts'
import { timeText } from './times.ts'

/** A shard as it was when it was looked at, with what it is sorted by; most are never shown. */
export interface Placed {
  run: string
  job: string
  state: MapState
  since: Millis
  shard: number
  shards: number
  attempts: number
  priority: number
  retryAt: Millis | undefined
  sequence: number
}

/** What is in the slots of one executor, or waits for one of one service. */
export interface Cell {
  /** Shards, named or not. */
  count: number
  /** Shards that match the filter. */
  matching: number
  runs: Placed[]
}

/** The open runs of some namespaces by where they are. */
export interface MapRuns {
  /** By `cellKey`: those that hold a slot, the oldest first. */
  held: Map<string, Cell>
  /** By `cellKey` without an executor: those that wait, what leaves first before the others. */
  waiting: Map<string, Cell>
}

export interface MapFilter {
  namespaces: ReadonlySet<number>
  /** Whether runs of the job are named. */
  names(job: Job): boolean
  states?: readonly MapState[]
  /** Shards kept per executor and per queue at most. */
  limit: number
}

/** Service uid, or `-` for targets with a URL of their own, within a namespace; and an executor of it. */
export function cellKey(namespace: number, service: number | undefined, executor = ''): string {
  return `${namespace}/${service ?? OWN_URL}/${executor}`
}

/** Looks at every open run once, and lets others run in between. */
export async function mapRuns(state: State, filter: MapFilter): Promise<MapRuns> {
  const runs: MapRuns = { held: new Map(), waiting: new Map() }
  const services = new Map<number, number | undefined>()
  await each(state.runs.values(), (run) => {
    const job = state.jobs.get(run.job)
    if (!job || !filter.namespaces.has(run.namespace)) return
    if (!services.has(run.job)) services.set(run.job, serviceOf(state, job))
    addRun(runs, run, job, services.get(run.job), filter)
  })
  for (const cell of runs.held.values()) trim(cell, filter.limit, oldestFirst)
  for (const cell of runs.waiting.values()) trim(cell, filter.limit, leavesFirst)
  return runs
}

function serviceOf(state: State, job: Job): number | undefined {
  const { service } = job.spec.target
  return callsOwnUrl(job) || service === undefined ? undefined : state.serviceNames.get(`${job.namespace}/${service}`)
}

function addRun(runs: MapRuns, run: OpenRun, job: Job, service: number | undefined, filter: MapFilter): void {
  const named = filter.names(job)
  // What has not been planned yet waits as a whole.
  const shards: readonly (Shard | undefined)[] = run.shards.length === 0 ? [undefined] : run.shards
  for (const shard of shards) {
    const state = stateOf(shard)
    if (state === undefined) continue
    const waits = state === 'waiting'
    const cell = waits
      ? cellAt(runs.waiting, cellKey(run.namespace, service))
      : cellAt(runs.held, cellKey(run.namespace, shard?.placedIn, shard?.placedOn))
    cell.count += 1
    if (!named || (filter.states && !filter.states.includes(state))) continue
    cell.matching += 1
    cell.runs.push(placedOf(run, job, shard, state))
    if (cell.runs.length > 2 * filter.limit + 64) trim(cell, filter.limit, waits ? leavesFirst : oldestFirst)
  }
}

function cellAt(cells: Map<string, Cell>, key: string): Cell {
  const known = cells.get(key)
  if (known) return known
  const cell: Cell = { count: 0, matching: 0, runs: [] }
  cells.set(key, cell)
  return cell
}

/** Undefined for a shard that has ended. */
function stateOf(shard: Shard | undefined): MapState | undefined {
  if (!shard) return 'waiting'
  if (shard.state === 'succeeded' || shard.state === 'failed') return undefined
  if (shard.placedOn === undefined) return 'waiting'
  if (!shard.attempt) return 'retrying'
  return shard.attempt.acceptedAt === undefined ? 'running' : 'accepted'
}

function placedOf(run: OpenRun, job: Job, shard: Shard | undefined, state: MapState): Placed {
  const { attempt } = shard ?? {}
  return {
    run: run.id,
    job: job.name,
    state,
    since: attempt?.startedAt ?? run.createdAt,
    shard: shard?.index ?? 0,
    shards: run.shards.length,
    attempts: shard?.attempts ?? 0,
    priority: job.spec.priority,
    retryAt: shard?.retryAt,
    sequence: run.sequence,
  }
}

/** A shard as the map names it. */
export function mapRunView({ sequence: _, since, shard, shards, attempts, retryAt, ...rest }: Placed): MapRun {
  return {
    ...rest,
    since: timeText(since),
    ...(shards > 1 ? { shard, shards } : {}),
    ...(attempts > 0 ? { attempts } : {}),
    ...(retryAt === undefined || rest.state !== 'retrying' ? {} : { retryAt: timeText(retryAt) }),
  }
}

function trim(cell: Cell, limit: number, order: (a: Placed, b: Placed) => number): void {
  cell.runs.sort(order)
  cell.runs.length = Math.min(cell.runs.length, limit)
}

function oldestFirst(a: Placed, b: Placed): number {
  return a.since - b.since || a.sequence - b.sequence
}

function leavesFirst(a: Placed, b: Placed): number {
  return b.priority - a.priority || a.sequence - b.sequence
}
