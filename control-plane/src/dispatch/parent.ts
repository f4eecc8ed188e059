import type { Json } from '../jobs/job.ts'
import type { EndedAttempt } from '../runs/run.ts'
import type { Ledger } from '../store/ledger.ts'
import { RESULT_BYTES_MAX } from './outcome.ts'

/** The run whose end started another one, and what its handler gave back. */
export interface Parent {
  runId: string
  result: Json
}

/**
 * What a run is told of its parent, read from the ledger of this node. The result of a run that was split is the list of
 * its parts' results in order; null stands for what nobody gave, and for all of it when it is more than 64 KiB.
 */
export async function readParent(ledger: Pick<Ledger, 'run' | 'attempts'>, run: string): Promise<Parent> {
  const row = await ledger.run(run)
  if (!row?.shardEnds) return { runId: run, result: row?.result ?? null }
  const attempts = await ledger.attempts(run)
  return { runId: run, result: bounded(row.shardEnds.map(({ index }) => resultOf(attempts, index))) }
}

function resultOf(attempts: readonly EndedAttempt[], shard: number): Json {
  return attempts.findLast((attempt) => attempt.shard === shard && attempt.outcome === 'succeeded')?.result ?? null
}

function bounded(results: Json): Json {
  return Buffer.byteLength(JSON.stringify(results)) > RESULT_BYTES_MAX ? null : results
}
