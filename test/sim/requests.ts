import type { Job } from '../../control-plane/src/jobs/job.ts'
import type { EndedRun } from '../../control-plane/src/runs/run.ts'
import type { Command } from '../../control-plane/src/state/commands.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import type { SeededRandom } from './seeded-random.ts'

const by = 'test'

/** Does a run again, as the API would have it: the parts of it that failed, when its job is split still, else all of it. */
export function rerunOf(state: State, row: EndedRun): Command {
  const { id, job, fireTime, schedules, params, parent, shardEnds } = row
  const failed = shardEnds?.filter(({ outcome, items }) => outcome !== 'succeeded' && items !== undefined) ?? []
  const parts = failed.map(({ items = [] }) => ({ items }))
  const isSplit = state.jobs.get(job)?.spec.routing.strategy === 'sharded'
  return {
    kind: 'run-rerun',
    at: state.now,
    job,
    original: { id, fireTime, schedules, ...(parent ? { parent } : {}) },
    params,
    ...(parts.length > 0 && isSplit ? { shards: parts } : {}),
    by,
  }
}

/** Runs a few instants of the last minute again. */
export function backfillOf(state: State, job: Job, random: SeededRandom): Command {
  const from = state.now - 60_000
  const fires = Array.from({ length: random.integer(1, 5) }, (_, place) => ({
    fireTime: from + place * 10_000,
    schedules: ['s0'],
  }))
  const backfill = `b${random.integer(1, 1e9)}`
  const parallel = random.integer(1, 3)
  return { kind: 'backfill-start', at: state.now, backfill, job: job.uid, from, to: state.now, fires, parallel, by }
}

/** What stops, or lets go on, the schedules of the namespace or of the cluster. */
export function pauseOf(state: State, what: 'namespace' | 'scheduler', paused: boolean): Command {
  const at = state.now
  if (what === 'scheduler') return { kind: 'scheduler-pause', at, by, paused }
  return { kind: 'namespace-pause', at, name: 'default', by, paused }
}

/** How many runs may wait in the namespace. */
export function roomOf(state: State, queuedRunsMax: number): Command {
  const [namespace] = state.namespaces.values()
  const change = { description: '', slots: namespace?.slots ?? 0, queuedRunsMax }
  return { kind: 'namespace-put', at: state.now, name: 'default', change }
}
