import type { Job } from '../../../control-plane/src/jobs/job.ts'
import { callsOwnUrl } from '../../../control-plane/src/state/executors.ts'
import type { Event } from '../../../control-plane/src/state/applied.ts'
import type { State } from '../../../control-plane/src/state/state.ts'

/** How often each job was edited to call something else than before: its parts begin anew there. */
export class Targets {
  readonly #known = new Map<number, { target: string; moves: number }>()

  note(event: Event, state: State): void {
    const job = event.type === 'job-changed' ? state.jobs.get(event.job) : undefined
    if (!job) return
    const known = this.#known.get(job.uid)
    const target = targetOf(job)
    if (target !== known?.target) this.#known.set(job.uid, { target, moves: (known?.moves ?? 0) + 1 })
  }

  movesOf(job: number): number {
    return this.#known.get(job)?.moves ?? 0
  }
}

function targetOf(job: Job): string {
  return callsOwnUrl(job) ? '' : `${job.spec.target.service}`
}
