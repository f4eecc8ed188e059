import type { Job } from '../jobs/job.ts'
import { present } from '../runtime/present.ts'
import type { Turn } from './turn.ts'

/** Definitions of a job that are kept, the present one among them. */
export const DEFINITIONS_MAX = 100

/** Writes down the definition that a job has been given, by which revision of code; the oldest goes when there are too many. */
export function recordDefinition(turn: Turn, job: Job, revision?: string): void {
  job.definitions += 1
  const { uid, definitions: ordinal, version, updatedAt: at, updatedBy: by, spec } = job
  turn.changes.push({ kind: 'definition', row: { job: uid, ordinal, version, at, by, ...present({ revision }), spec } })
  if (ordinal > DEFINITIONS_MAX) forget(turn, job, ordinal - DEFINITIONS_MAX)
}

/** Forgets what a job was like: nobody can ask for it once the job has gone. */
export function forgetDefinitions(turn: Turn, job: Job): void {
  for (let ordinal = firstKept(job); ordinal <= job.definitions; ordinal++) forget(turn, job, ordinal)
}

/** Ordinal of the oldest definition that is kept. */
export function firstKept({ definitions }: Pick<Job, 'definitions'>): number {
  return Math.max(1, definitions - DEFINITIONS_MAX + 1)
}

function forget(turn: Turn, job: Job, ordinal: number): void {
  turn.changes.push({ kind: 'definition-gone', gone: { job: job.uid, ordinal } })
}
