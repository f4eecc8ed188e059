import type { EndedRun, OpenRun } from '../../../control-plane/src/runs/run.ts'
import type { Applied } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** What an entry did to runs as a whole. */
export interface MadeAndEnded {
  /** Runs that did not exist before; those that ended at once by their row. */
  made: (OpenRun | EndedRun)[]
  ended: EndedRun[]
}

/** Tells the runs that an entry made from those that were there. */
export class Made {
  readonly #open = new Set<string>()

  by({ changes }: Applied, state: State): MadeAndEnded {
    const made: (OpenRun | EndedRun)[] = []
    const ended: EndedRun[] = []
    for (const change of changes) {
      if (change.kind === 'ended-run') {
        ended.push(change.row)
        if (!this.#open.delete(change.row.id)) made.push(change.row)
      }
      const run = change.kind === 'run' ? state.runs.get(change.id as string) : undefined
      if (run === undefined || this.#open.has(run.id)) continue
      this.#open.add(run.id)
      made.push(run)
    }
    return { made, ended }
  }
}
