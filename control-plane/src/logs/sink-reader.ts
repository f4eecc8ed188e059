import type { EndedAttempt, EndedRun, LateResult } from '../runs/run.ts'
import type { AttemptsQuery, RunsPage, RunsQuery } from '../store/ledger.ts'

/**
 * A database that gives rows back, also those that have left the ledger. The shapes are the ledger's, and so are the
 * cursors: a list that began there goes on here at the same place. Every call may throw a `SinkFault`.
 */
export interface SinkReader {
  /** The finished run with this id. */
  run(id: string): Promise<EndedRun | undefined>
  /** A page of finished runs by fire time. A cursor of another query throws `invalid-cursor`. */
  runs(query: RunsQuery): Promise<RunsPage>
  /** Finished attempts of a run, or of one shard of it, by shard and ordinal; 10,000 at most. */
  attempts(run: string, query?: AttemptsQuery): Promise<EndedAttempt[]>
  lateResults(run: string): Promise<LateResult[]>
}
