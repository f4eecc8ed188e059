import type { Job } from '../jobs/job.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import type { State } from '../state/state.ts'
import type { Board, BoardMoment } from './board.ts'
import type { Evaluation, Planned, Wanted } from './evaluation.ts'

/**
 * Says of each evaluation where its shards go, by a state that has come as far as they have. Once there was no room for
 * one of a line, those behind it are not looked at: they come in order.
 */
export function planAll(
  board: Board,
  state: State,
  evaluations: readonly Evaluation[],
  moment: BoardMoment,
): Planned[] {
  board.begin(state)
  const full = new Set<string>()
  return evaluations.map((evaluation) => {
    const { wanted } = evaluation
    if (wanted.kind === 'run' && full.has(wanted.line)) return { behind: true }
    try {
      const planned = planOne(board, state, evaluation, moment)
      if (wanted.kind === 'run' && 'none' in planned && !endsWhenFull(state, evaluation)) full.add(wanted.line)
      return planned
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) }
    }
  })
}

function planOne(board: Board, state: State, { job: uid, wanted }: Evaluation, moment: BoardMoment): Planned {
  const job = state.jobs.get(uid)
  if (!job) return { moot: true }
  switch (wanted.kind) {
    case 'fires':
      return planFires(board, job, wanted, moment)
    case 'run':
      return planRun(board, state, job, wanted, moment)
    case 'shard': {
      const run = state.runs.get(wanted.run)
      const shard = run?.shards[wanted.shard]
      if (!run || shard?.state !== 'waiting' || shard.attempts !== wanted.attempts) return { moot: true }
      const chosen = board.choose(job, { ...moment, params: run.params }, shard)
      return typeof chosen === 'string' ? { executor: chosen } : chosen
    }
  }
}

function planFires(
  board: Board,
  job: Job,
  { version, fires }: Wanted & { kind: 'fires' },
  moment: BoardMoment,
): Planned {
  // It was changed meanwhile: the leader finds out, and decides anew.
  if (job.version !== version) return { moot: true }
  const each = Array.from({ length: fires })
  const gives = job.spec.overlap === 'cancel-running'
  if (splitsRuns(job.spec)) {
    return {
      splits: each.map(() => {
        if (gives) board.release(job)
        const plans = board.split(job, moment)
        return 'none' in plans ? null : plans
      }),
    }
  }
  return {
    places: each.map(() => {
      if (gives) board.release(job)
      const chosen = board.choose(job, moment)
      return typeof chosen === 'string' ? chosen : null
    }),
  }
}

function planRun(board: Board, state: State, job: Job, wanted: Wanted & { kind: 'run' }, now: BoardMoment): Planned {
  const run = state.runs.get(wanted.run)
  if (run?.state !== 'queued') return { moot: true }
  const moment = { ...now, params: run.params }
  if (splitsRuns(job.spec) || run.shards.length !== 1) {
    const plans = board.split(job, moment, run)
    return 'none' in plans ? plans : { shards: plans }
  }
  const chosen = board.choose(job, moment, run.shards[0])
  return typeof chosen === 'string' ? { executor: chosen } : chosen
}

/** Whether nobody waits for this one to find a place: it ends instead. */
function endsWhenFull(state: State, { job }: Evaluation): boolean {
  return state.jobs.get(job)?.spec.whenFull === 'fail'
}
