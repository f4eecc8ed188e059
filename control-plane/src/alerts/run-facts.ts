import type { EndedAttempt, EndedRun, OpenRun, RunError } from '../runs/run.ts'
import type { Millis } from '../runtime/clock.ts'
import { lasted } from './durations.ts'

/** A run that an episode speaks of, and its attempts, the first of them and the last. */
export interface KnownRun {
  run: EndedRun | OpenRun
  first: readonly EndedAttempt[]
  last: readonly EndedAttempt[]
  /** Attempts that stand between those. */
  between: number
}

type Fact = { label: string; value: string }

/** The run, and what was tried: attempt by attempt, which executor, how it ended, and when. */
export function runFacts({ run, first, last, between }: KnownRun, instant: (at: Millis) => string): Fact[] {
  const many = [...first, ...last].some(({ shard }) => shard > 0)
  const attempts = (some: readonly EndedAttempt[]) => some.map((attempt) => attemptFact(attempt, many, instant))
  return [
    { label: 'Run', value: `${run.id}, ${run.state}, by ${run.cause}, due ${instant(run.dueTime)}` },
    ...('error' in run && run.error ? [{ label: 'Error', value: errorWords(run.error) }] : []),
    ...attempts(first),
    ...(between > 0 ? [{ label: 'Between', value: `${between} more attempts` }] : []),
    ...attempts(last),
  ]
}

function attemptFact(attempt: EndedAttempt, many: boolean, instant: (at: Millis) => string): Fact {
  const { ordinal, shard, executor, outcome, startedAt, endedAt, status, error } = attempt
  const where = executor === '-' ? '' : ` on ${executor}`
  const why = error ? `: ${errorWords(error)}` : ''
  const code = status === undefined ? '' : `, status ${status}`
  return {
    label: `Attempt ${ordinal}${many ? ` of shard ${shard}` : ''}`,
    value: `${outcome}${where} at ${instant(endedAt)} after ${lasted(endedAt - startedAt)}${code}${why}`,
  }
}

function errorWords({ code, message }: RunError): string {
  return `${code}: ${message}`
}
