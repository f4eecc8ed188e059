import type { HttpTarget } from '../jobs/job.ts'
import type { Fault } from '../problems.ts'

/** Every fault of a target that calls an HTTP endpoint; pointers are relative to the target. */
export function checkTarget(_target: HttpTarget): Fault[] {
  return []
}
