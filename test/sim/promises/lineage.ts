import { strict as assert } from 'node:assert'
import type { ChildMoment } from '../../../control-plane/src/jobs/job.ts'
import type { EndedRun, EndedRunState, OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'
import type { MadeAndEnded } from './made.ts'

/** At which ends of a run children start. */
const MOMENTS: Partial<Record<EndedRunState, readonly ChildMoment[]>> = {
  succeeded: ['success', 'completion'],
  failed: ['failure', 'completion'],
  'timed-out': ['failure', 'completion'],
  lost: ['failure', 'completion'],
}

/** What is promised of runs that others lead to: each child exactly once, in the entry that ends its parent. */
export class Lineage {
  /** Runs that were made as children, by parent, job and moment. */
  readonly #children = new Map<string, string>()
  /** Fires that have a run, by backfill. */
  readonly #backfilled = new Map<string, Set<number>>()
  /** Children, reruns and runs of backfills so far. */
  readonly made = { child: 0, rerun: 0, backfill: 0 }

  check({ changes }: Applied, { made, ended }: MadeAndEnded, state: State): void {
    const wanted = wantedChildren(ended, state)
    for (const run of made) {
      if (run.cause === 'backfill') this.#backfill(run)
      if (run.cause === 'child') this.#child(run, wanted)
      if (run.cause === 'rerun') this.made.rerun += 1
    }
    for (const [key, parent] of wanted)
      assert(this.#children.has(key), `run ${parent} ended, and its child ${key} was not made with it`)
    for (const change of changes) {
      const backfill = change.kind === 'backfill' ? state.backfills.get(change.id as string) : undefined
      if (backfill === undefined) continue
      assert(backfill.open.length <= backfill.parallel, `${backfill.id}: no more runs at once than were asked for`)
      if (backfill.state === 'done')
        assert.equal(this.#backfilled.get(backfill.id)?.size ?? 0, backfill.total, `${backfill.id} ran all its fires`)
    }
  }

  #child({ id, job, parent }: OpenRun | EndedRun, wanted: ReadonlyMap<string, string>): void {
    const key = `${parent?.run}/${job}/${parent?.moment}`
    assert(wanted.has(key), `run ${id}: a child is made in the entry that ends its parent: ${key}`)
    assert(!this.#children.has(key), `run ${id}: one child for a parent, a job and a moment: ${key}`)
    this.#children.set(key, id)
    this.made.child += 1
  }

  #backfill({ id, backfill = '', fireTime }: OpenRun | EndedRun): void {
    const fires = this.#backfilled.get(backfill) ?? new Set()
    assert(!fires.has(fireTime), `run ${id}: a backfill runs each of its fires once`)
    this.#backfilled.set(backfill, fires.add(fireTime))
    this.made.backfill += 1
  }
}

/** The children that what ended leads to, each with its parent. */
function wantedChildren(ended: readonly EndedRun[], state: State): Map<string, string> {
  const wanted = new Map<string, string>()
  for (const row of ended) {
    const moments = MOMENTS[row.state] ?? []
    for (const { job: name, on } of state.jobs.get(row.job)?.spec.children ?? []) {
      const child = state.jobNames.get(`${row.namespace}/${name}`)
      if (child !== undefined && moments.includes(on)) wanted.set(`${row.id}/${child}/${on}`, row.id)
    }
  }
  return wanted
}
