import type { Job } from '../jobs/job.ts'
import type { AttemptOutcome, EndedRunState, OpenRun, RunError, Shard, ShardOutcome } from '../runs/run.ts'
import { type Ending, endRun } from './endings.ts'
import { noteShard } from './shard-changes.ts'
import { noteEnd } from './shard-ends.ts'
import { releaseSlot } from './slots.ts'
import type { Turn } from './turn.ts'

/** How a shard ended: as a run of this shard alone ends. */
export interface ShardEnding extends Pick<Ending, 'executor' | 'result' | 'error'> {
  state: EndedRunState
  outcome: AttemptOutcome
}

/** The worst first: what is unknown asks for more care than what failed. */
const PRECEDENCE: readonly EndedRunState[] = ['lost', 'failed', 'timed-out', 'cancelled', 'succeeded', 'skipped']

/**
 * Ends a shard, and with the last one its run: a shard that failed stops no other. One whose outcome is unknown and must
 * not be asked for again ends the run at once.
 */
export function endShard(turn: Turn, job: Job, run: OpenRun, shard: Shard, ending: ShardEnding): void {
  shard.state = ending.state === 'succeeded' || ending.state === 'skipped' ? 'succeeded' : 'failed'
  if (run.partsLeft === undefined) {
    endRun(turn, run, ending)
    return
  }
  releaseSlot(turn, run, shard)
  noteEnd(shard, ending.outcome, ending.executor, ending.error)
  run.partsLeft -= 1
  const forbidden = ending.state === 'lost' && job.spec.onUncertain === 'fail'
  if (run.shards.length === 1) endRun(turn, run, ending)
  else if (forbidden) endRun(turn, run, { state: 'lost', error: errorOf(run.shards, shard) })
  else if (run.partsLeft === 0) endRun(turn, run, endingOf(run.shards))
  else noteShard(turn, run, shard)
}

/** A run succeeds only when every shard did, those aside that had nothing to do; else it ends as the worst of them. */
function endingOf(shards: readonly Shard[]): Ending {
  const states = new Set(shards.map(stateOf))
  const state = PRECEDENCE.find((worst) => states.has(worst)) ?? 'failed'
  if (state === 'succeeded' || state === 'skipped') return { state }
  return {
    state,
    error: errorOf(
      shards,
      shards.find((shard) => stateOf(shard) === state),
    ),
  }
}

function errorOf(shards: readonly Shard[], worst: Shard | undefined): RunError {
  const failed = shards.reduce((count, { state }) => count + (state === 'failed' ? 1 : 0), 0)
  const { executor, error } = worst?.ended ?? {}
  const where = executor === undefined ? '' : ` on executor ${executor}`
  const why = worst && error ? `; shard ${worst.index}${where}: ${error.message}` : ''
  return { code: 'shards-failed', message: `${failed} of ${shards.length} shards did not succeed${why}` }
}

/** Ends a shard that was to be tried on another executor, of which none is left, as its last attempt ended. */
export function endSpent(turn: Turn, job: Job, run: OpenRun, shard: Shard, last: ShardOutcome): void {
  endShard(turn, job, run, shard, { ...last, state: stateAfter(last.outcome) })
}

function stateOf({ ended }: Shard): EndedRunState {
  return stateAfter(ended?.outcome ?? 'failed')
}

/** The state of a run in which a shard that ended like that is the only one. */
function stateAfter(outcome: AttemptOutcome): EndedRunState {
  if (outcome === 'uncertain') return 'lost'
  return outcome === 'refused' ? 'failed' : outcome
}
