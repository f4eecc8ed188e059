import type { SkipReason } from '../runs/run.ts'

/** The field that decided, and a sentence for people. */
export interface SkipRule {
  rule: string
  detail: string
}

/** What stands behind a reason to skip. `into` is the run that a coalesced fire went into. */
export function skipRule(reason: SkipReason, into?: string): SkipRule {
  switch (reason) {
    case 'misfire-threshold':
      return {
        rule: 'misfire',
        detail:
          'Nobody was scheduling when it fell due, and it was found later than misfire.threshold allows, or misfire.policy is skip.',
      }
    case 'coalesced':
      return {
        rule: 'misfire.policy',
        detail: `It was missed and went into ${into === undefined ? 'a later run' : `run ${into}`}.`,
      }
    case 'overlap':
      return {
        rule: 'overlap',
        detail: 'An earlier run of the job was still open, and overlap says to skip, or its queue was full.',
      }
    case 'max-concurrent':
      return { rule: 'maxConcurrentRuns', detail: 'As many runs of the job were open as maxConcurrentRuns allows.' }
    case 'paused':
      return { rule: 'state', detail: 'The job, its namespace or the whole scheduler was paused.' }
    case 'outside-window':
      return {
        rule: 'schedules.startAt, schedules.endAt',
        detail: 'It lies outside the time in which the schedule is valid.',
      }
    case 'dst-gap':
      return {
        rule: 'schedules.gap',
        detail: 'Its wall-clock time does not exist on that day (daylight saving), and gap is skip.',
      }
    case 'no-slot':
      return {
        rule: 'slots',
        detail: 'No slot was free, and as many runs were waiting in the namespace as queuedRunsMax allows.',
      }
    case 'no-executor':
      return { rule: 'target.service', detail: 'No executor was online that takes this job.' }
    case 'expired':
      return { rule: 'queueTtl', detail: 'It waited longer than queueTtl allows.' }
    case 'quarantined':
      return { rule: 'schedules', detail: 'The job was quarantined: its schedule could not be evaluated.' }
  }
}
