import type { Job } from '../jobs/job.ts'
import type { LogRow } from '../logs/row.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** Deleted jobs whose names are remembered; of more of them rows go to sinks without. */
export const FORMER_JOBS_MAX = 100_000

/** A job that is gone and may have rows in the ledger still. */
export interface FormerJob {
  uid: number
  name: string
  namespaceName: string
  /** Index of the entry that deleted it. */
  goneAt: number
}

/** Keeps the name of a job that is deleted as long as it has rows: those of attempts and stretches do not have it. */
export function rememberJob({ state, index, changes }: Turn, { uid, name, namespace, progress }: Job): void {
  const { runs = 0, stretches = 0 } = progress.ledger ?? {}
  if (runs + stretches === 0 || state.formerJobs.size >= FORMER_JOBS_MAX) return
  const namespaceName = state.namespaces.get(namespace)?.name ?? ''
  state.formerJobs.set(uid, { uid, name, namespaceName, goneAt: index })
  changes.push({ kind: 'former-job', id: uid })
}

/** Forgets jobs that have no rows any more. */
export function forgetFormerJobs({ state, changes }: Turn, uids: readonly number[]): void {
  for (const uid of uids) if (state.formerJobs.delete(uid)) changes.push({ kind: 'former-job', id: uid })
}

/** The names that the numbers of a row have, or had. */
export function namesOf(
  { namespaces, jobs, formerJobs }: Pick<State, 'namespaces' | 'jobs' | 'formerJobs'>,
  job: number,
  namespace: number,
): Pick<Extract<LogRow, { kind: 'stretch' }>, 'jobName' | 'namespaceName'> {
  const present = jobs.get(job)
  const above = namespaces.get(namespace)
  if (present && above) return { jobName: present.name, namespaceName: above.name }
  const former = formerJobs.get(job)
  return {
    jobName: present?.name ?? former?.name ?? '',
    namespaceName: above?.name ?? former?.namespaceName ?? '',
  }
}
