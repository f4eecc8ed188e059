import type { Run } from '@cronclave/openapi'
import { formatDuration } from '../ui/format.ts'

const CAUSES: Record<Run['cause'], string> = {
  schedule: 'Schedule',
  misfire: 'Missed fire',
  manual: 'By hand',
  api: 'API',
  child: 'Parent run',
  rerun: 'Rerun',
  backfill: 'Backfill',
}

const REASONS: Record<NonNullable<Run['reason']>, string> = {
  'misfire-threshold': 'missed for longer than the misfire threshold',
  coalesced: 'coalesced into a later run',
  overlap: 'the run before was still open',
  'max-concurrent': 'as many runs open as allowed',
  paused: 'the job, its namespace or the scheduler was paused',
  'outside-window': 'outside its window',
  'dst-gap': 'the wall time did not exist that day',
  'no-slot': 'no slot was free',
  'no-executor': 'no executor was online',
  expired: 'waited too long in the queue',
  quarantined: 'the job was quarantined',
}

/** Why a run exists. */
export function causeWords(cause: Run['cause']): string {
  return CAUSES[cause] ?? cause
}

/** Why a fire did not start, in words. */
export function reasonWords(reason: string): string {
  return REASONS[reason as NonNullable<Run['reason']>] ?? reason
}

/** How late a run left, in words; nothing for a run that has not. */
export function latenessWords(run: Run): string | undefined {
  if (run.latenessMs === undefined) return undefined
  return run.latenessMs < 1 ? 'on time' : `${formatDuration(run.latenessMs)} late`
}

const MOMENTS: Record<NonNullable<Run['parent']>['moment'], string> = {
  success: 'success',
  failure: 'failure',
  completion: 'end',
}

/** The end of a run at which a child starts. */
export function momentWords(moment: NonNullable<Run['parent']>['moment']): string {
  return MOMENTS[moment]
}
