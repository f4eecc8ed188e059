import { cutText } from '../runtime/characters.ts'
import type { AttemptOutcome, EndedShard, RunError, Shard, ShardOutcome } from '../runs/run.ts'

/** Characters of a shard's error that are kept besides the row of its attempt. */
const ERROR_CHARS_MAX = 300

/** What the row of a split run says of each shard; those that had not ended were broken off with it. */
export function shardEnds(shards: readonly Shard[], brokenOff: AttemptOutcome): EndedShard[] {
  return shards.map(({ index, items, was, bound, attempts, ended }) => ({
    index,
    ...(items === undefined ? {} : { items }),
    ...(was === undefined ? {} : { was }),
    attempts,
    // Whose it was, also when it never got a place there.
    ...(bound === undefined ? {} : { executor: bound }),
    ...(ended ?? { outcome: brokenOff }),
  }))
}

/** Notes how a shard of a split run ended. */
export function noteEnd(shard: Shard, outcome: AttemptOutcome, executor?: string, error?: RunError): void {
  shard.ended = outcomeOf(outcome, executor, error)
}

/** An outcome with as much of its error as is kept in memory. */
export function outcomeOf(outcome: AttemptOutcome, executor?: string, error?: RunError): ShardOutcome {
  return {
    ...(executor === undefined ? {} : { executor }),
    outcome,
    ...(error === undefined ? {} : { error: { ...error, message: cutText(error.message, ERROR_CHARS_MAX) } }),
  }
}
