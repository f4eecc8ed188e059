import type { Sequence } from '../logs/sink.ts'
import type { EndedAttempt } from '../runs/run.ts'
import type { JobTrim, TrimmedRun } from '../state/commands.ts'
import { isBefore } from '../state/sinks.ts'
import { attemptsPrefix, under } from './keys.ts'
import type { Store } from './store.ts'

/**
 * Runs that are to go, with the sequences of those of their attempts that stand behind a place: some sink is no further.
 * A run is written after its attempts, so one that is passed has none.
 */
export async function withWaiting(
  part: JobTrim,
  lowest: Sequence | undefined,
  attemptsOf: (run: string) => Promise<readonly Pick<EndedAttempt, 'sequence'>[]>,
): Promise<JobTrim> {
  if (!lowest || !part.runs.some(({ sequence }) => isBefore(lowest, sequence))) return part
  const runs: TrimmedRun[] = []
  for (const run of part.runs) {
    const waiting = isBefore(lowest, run.sequence) ? behind(lowest, await attemptsOf(run.id)) : []
    runs.push(waiting.length > 0 ? { ...run, waiting } : run)
  }
  return { ...part, runs }
}

/** Reads the attempts of a run. */
export async function attemptsOfRun(store: Pick<Store, 'range'>, run: string): Promise<EndedAttempt[]> {
  const attempts: EndedAttempt[] = []
  for await (const [, attempt] of store.range<EndedAttempt>(under(attemptsPrefix(run)))) attempts.push(attempt)
  return attempts
}

function behind(lowest: Sequence, rows: readonly Pick<EndedAttempt, 'sequence'>[]): number[] {
  const sequences = rows.map(({ sequence }) => sequence).filter((sequence) => isBefore(lowest, sequence))
  return sequences.sort((a, b) => (isBefore(a, b) ? -1 : 1)).flat()
}
