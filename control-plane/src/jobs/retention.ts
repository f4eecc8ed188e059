import type { EndedRunState } from '../runs/run.ts'
import type { RetentionRule } from './job.ts'

/** How long the ledger keeps what ended, every field decided. */
export interface Retention {
  maxAgeMs: number
  failedMaxAgeMs: number
  maxRuns: number
}

/** What the cluster's settings say, for jobs and namespaces that say nothing. */
export type RetentionDefaults = Pick<Retention, 'maxAgeMs' | 'maxRuns'> & Pick<RetentionRule, 'failedMaxAgeMs'>

const DAY_MS = 86_400_000

export const RETENTION_DEFAULTS: RetentionDefaults = { maxAgeMs: 30 * DAY_MS, maxRuns: 10_000 }

/**
 * What is in force where several rules stand above each other, the nearest first: each field is the first that says
 * something. Failures are kept as long as everything else when no rule says otherwise.
 */
export function retentionOf(rules: readonly (RetentionRule | undefined)[], defaults: RetentionDefaults): Retention {
  const first = (name: keyof RetentionRule) => rules.find((rule) => rule?.[name] !== undefined)?.[name]
  const maxAgeMs = first('maxAgeMs') ?? defaults.maxAgeMs
  return {
    maxAgeMs,
    failedMaxAgeMs: first('failedMaxAgeMs') ?? defaults.failedMaxAgeMs ?? maxAgeMs,
    maxRuns: first('maxRuns') ?? defaults.maxRuns,
  }
}

/** Whether failures are kept longer, and so are counted by themselves: runs that went well never push them out. */
export function keepsFailures({ maxAgeMs, failedMaxAgeMs }: Retention): boolean {
  return failedMaxAgeMs > maxAgeMs
}

/** Whether a run failed, as retention has it. */
export function isFailure(state: EndedRunState): boolean {
  return state === 'failed' || state === 'timed-out' || state === 'lost'
}

/** How long a run of this state is kept. */
export function maxAgeOf(state: EndedRunState, { maxAgeMs, failedMaxAgeMs }: Retention): number {
  return isFailure(state) ? failedMaxAgeMs : maxAgeMs
}
