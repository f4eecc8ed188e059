import type { Json } from '../jobs/job.ts'
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
  const results = new Map<number, Json>()
  for (const { shard, outcome, result = null } of await ledger.attempts(run)) {
    if (outcome === 'succeeded') results.set(shard, result)
  }
  return { runId: run, result: bounded(row.shardEnds.map(({ index }) => results.get(index) ?? null)) }
}

function bounded(results: Json): Json {
  return Buffer.byteLength(JSON.stringify(results)) > RESULT_BYTES_MAX ? null : results
}
