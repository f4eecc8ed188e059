import type { Executor } from '../discovery/executor.ts'
import type { Job } from '../jobs/job.ts'
import type { OpenRun } from '../runs/run.ts'
import { whyNobody } from './why-nobody.ts'

interface Present {
  openRun(id: string): OpenRun | undefined
  executorsOf(job: Job): ReadonlyMap<string, Executor>
}

/** The field of the definition for which a run waits, and a sentence for people: the first that does not let it start. */
export function waitRule(run: OpenRun, job: Job, present: Present): { rule: string; detail: string } {
  const { overlap, maxConcurrentRuns } = job.spec
  if (overlap !== 'allow' && job.openRuns[0] !== run.id)
    return { rule: 'overlap', detail: 'It is due and waits until earlier runs of the job have ended.' }
  if (maxConcurrentRuns > 0 && runningOf(job, present) >= maxConcurrentRuns) {
    const detail = 'It is due and waits: as many runs of the job are running as maxConcurrentRuns allows.'
    return { rule: 'maxConcurrentRuns', detail }
  }
  const waits = 'waits for its turn, a slot or an executor.'
  const nobody = whyNobody(job, present.executorsOf(job))
  if (nobody !== undefined) return { rule: 'target.service', detail: `It is due and ${waits} ${nobody}` }
  if (run.cause === 'misfire')
    return { rule: 'misfire.policy', detail: `It was missed, is to be caught up, and ${waits}` }
  return { rule: 'slots', detail: `It is due and ${waits}` }
}

function runningOf(job: Job, present: Pick<Present, 'openRun'>): number {
  return job.openRuns.filter((id) => present.openRun(id)?.state === 'running').length
}
