import type { JobMap, MapNamespace, MapRun, MapService, MapState } from '@cronclave/openapi'
import { formatCount, formatShare } from '../ui/format.ts'

export const MAP_STATES: readonly MapState[] = ['running', 'accepted', 'retrying', 'waiting']

/** Cells drawn for one executor or one queue at most; the others are counted. */
export const CELLS_MAX = 240
/** Cells of the whole map, about. */
const MAP_CELLS_MAX = 8_000
/** With no more cells than this in the whole map each has room for the name of its job. */
const ROOMY_MAX = 120

/** One square of the map: a run, a slot held by a run that is not named, or a free slot. */
export type Cell = { kind: 'run'; run: MapRun } | { kind: 'other' } | { kind: 'free' }

/** The squares of an executor, and how many there are no squares for. */
export interface Cells {
  cells: Cell[]
  more: number
}

interface Filled {
  runs: readonly MapRun[]
  more: number
  free?: number
}

/** How many squares one line of the map may have, so that a browser can show all lines. */
export function cellsPerLine({ namespaces }: JobMap): number {
  const services = namespaces.flatMap((namespace) => namespace.services)
  const count = services.reduce((sum, { executors }) => sum + executors.length + 1, 0)
  return Math.min(CELLS_MAX, Math.ceil(MAP_CELLS_MAX / Math.max(1, count)))
}

/** What is in the slots of an executor, or waits for one of a service; without a limit only what is held has squares. */
export function cellsOf({ runs, more, free = 0 }: Filled, most = CELLS_MAX): Cells {
  const cells: Cell[] = runs.slice(0, most).map((run) => ({ kind: 'run', run }))
  const fill = (count: number, cell: Cell) => {
    for (let i = 0; i < count && cells.length < most; i += 1) cells.push(cell)
  }
  fill(more, { kind: 'other' })
  fill(free, { kind: 'free' })
  return { cells, more: runs.length + more + free - cells.length }
}

/** Whether there is room for names in the squares. */
export function isRoomy({ namespaces }: JobMap): boolean {
  const services = namespaces.flatMap((namespace) => namespace.services)
  const squares = services.flatMap(({ executors, runs, more }) => [
    runs.length + more,
    ...executors.map((executor) => executor.runs.length + executor.more + (executor.slots.free ?? 0)),
  ])
  return squares.reduce((sum, count) => sum + count, 0) <= ROOMY_MAX
}

export interface Filter {
  /** Part of a job's name, upper and lower case alike. */
  job: string
  state: MapState | ''
}

/** Whether anything is searched for. */
export function isActive({ job, state }: Filter): boolean {
  return job !== '' || state !== ''
}

/** Whether a run is among those searched for. */
export function isHit(run: MapRun, { job, state }: Filter): boolean {
  return (state === '' || run.state === state) && run.job.toLowerCase().includes(job.toLowerCase())
}

/** Runs of the map that are searched for. */
export function countHits({ namespaces }: JobMap, filter: Filter): number {
  const all = namespaces.flatMap(({ services }) => services).flatMap(runsOf)
  return all.filter((run) => isHit(run, filter)).length
}

function runsOf({ executors, runs }: MapService): MapRun[] {
  return [...executors.flatMap((executor) => executor.runs), ...runs]
}

/** A figure of the map's head, with its share of all slots where that says something. */
export interface Figure {
  name: string
  value: string
  share?: string
}

/** How many slots there are, and what is made of them. */
export function figures({ slots, running, waiting }: Pick<MapNamespace, 'slots' | 'running' | 'waiting'>): Figure[] {
  const share = (part: number) => (slots.slots === 0 ? {} : { share: formatShare(part, slots.slots) })
  return [
    { name: 'Slots', value: slots.slots === 0 ? 'no limit' : formatCount(slots.slots) },
    { name: 'Running', value: formatCount(running), ...share(running) },
    { name: 'Idle', value: slots.free === undefined ? '–' : formatCount(slots.free), ...share(slots.free ?? 0) },
    { name: 'Waiting', value: formatCount(waiting), ...share(waiting) },
  ]
}

/** `3 of 8`, or `3` where there is no limit. */
export function slotWords({ slots, held }: JobMap['slots']): string {
  return slots === 0 ? `${formatCount(held)} held, no limit` : `${formatCount(held)} of ${formatCount(slots)}`
}

/** What a square is called by those who cannot see it. */
export function cellName(run: MapRun, word: string): string {
  const shard = run.shard === undefined ? '' : `, shard ${run.shard} (of ${run.shards ?? 1})`
  return `${run.job}${shard}, ${word}`
}

/** A run that was pointed at, and where it is. */
export interface Peeked {
  run: MapRun
  namespace: string
  executor?: string
}

/** What a shard is known by from one reading of the map to the next. */
export function keyOf(run: MapRun): string {
  return `${run.run}/${run.shard ?? 0}`
}

/** The same shard as it is now, wherever it has moved to; undefined when it is in no square any more. */
export function findAgain({ namespaces }: JobMap, { run, namespace }: Peeked): Peeked | undefined {
  const key = keyOf(run)
  for (const { executors, runs } of namespaces.find(({ name }) => name === namespace)?.services ?? []) {
    for (const executor of executors) {
      const found = executor.runs.find((one) => keyOf(one) === key)
      if (found) return { run: found, namespace, executor: executor.id }
    }
    const found = runs.find((one) => keyOf(one) === key)
    if (found) return { run: found, namespace }
  }
  return undefined
}
