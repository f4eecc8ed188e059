import type { Job } from '../jobs/job.ts'
import { splitsRuns } from '../sharding/split-runs.ts'
import type { ShardPlan } from '../state/commands.ts'
import { callsOwnUrl } from '../state/executors.ts'
import type { State } from '../state/state.ts'
import type { Board, BoardMoment } from './board.ts'
import type { Evaluation, Planned, Wanted } from './evaluation.ts'

/** Characters of parts that one plan holds, unless one run alone has more: the next runs that are split wait for the next plan. */
const SPLITS_CHARS_MAX = 2 * 1024 * 1024

/** What is left of them. */
interface Room {
  chars: number
}

/**
 * Says of each evaluation where its shards go, by a state that has come as far as they have. Once there was no room for
 * one of a line, those behind it are not looked at: they come in order. One that would not fit if everything were free is in
 * the way of its own job's alone.
 */
export function planAll(
  board: Board,
  state: State,
  evaluations: readonly Evaluation[],
  moment: BoardMoment,
): Planned[] {
  board.begin(state)
  const full = new Set<string>()
  const unfit = new Set<number>()
  const room: Room = { chars: SPLITS_CHARS_MAX }
  return evaluations.map((evaluation) => {
    const { wanted } = evaluation
    if (wanted.kind === 'run' && (full.has(wanted.line) || unfit.has(evaluation.job))) return { behind: true }
    try {
      const planned = planOne(board, state, evaluation, moment, room)
      if (wanted.kind === 'run' && 'none' in planned && !endsWhenFull(state, evaluation)) {
        if (planned.bar === 'size') unfit.add(evaluation.job)
        else full.add(wanted.line)
      }
      return planned
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) }
    }
  })
}

function planOne(
  board: Board,
  state: State,
  { job: uid, wanted }: Evaluation,
  moment: BoardMoment,
  room: Room,
): Planned {
  const job = state.jobs.get(uid)
  if (!job) return { moot: true }
  if (wanted.kind !== 'shard' && room.chars <= 0 && splitsRuns(job.spec)) return { behind: true }
  switch (wanted.kind) {
    case 'fires':
      return planFires(board, job, wanted, moment, room)
    case 'run':
      return planRun(board, state, job, wanted, moment, room)
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
  room: Room,
): Planned {
  // It was changed meanwhile: the leader finds out, and decides anew.
  if (job.version !== version) return { moot: true }
  const gives = job.spec.overlap === 'cancel-running'
  if (splitsRuns(job.spec)) {
    return {
      splits: Array.from({ length: fires }, () => {
        // The others are queued, and split when it is their turn.
        if (room.chars <= 0) return null
        if (gives) board.release(job)
        const plans = board.split(job, moment)
        return 'none' in plans ? null : counted(plans, room)
      }),
    }
  }
  const places: (string | null)[] = []
  while (places.length < fires) {
    if (gives) board.release(job)
    const chosen = board.choose(job, moment)
    places.push(typeof chosen === 'string' ? chosen : null)
  }
  return { places }
}

function planRun(
  board: Board,
  state: State,
  job: Job,
  wanted: Wanted & { kind: 'run' },
  now: BoardMoment,
  room: Room,
): Planned {
  const run = state.runs.get(wanted.run)
  if (run?.state !== 'queued') return { moot: true }
  const moment = { ...now, params: run.params }
  // Made while its job was split, it has no part yet; a URL of its own takes one, and no executor has to be there.
  const isWhole = run.shards.length === 1 || (run.shards.length === 0 && callsOwnUrl(job))
  if (splitsRuns(job.spec) || !isWhole) {
    const plans = board.split(job, moment, run)
    return 'none' in plans ? plans : { shards: counted(plans, room), version: job.version }
  }
  const chosen = board.choose(job, moment, run.shards[0])
  return typeof chosen === 'string' ? { executor: chosen } : chosen
}

/** Takes off what parts are long as text, about. */
function counted(plans: ShardPlan[], room: Room): ShardPlan[] {
  for (const { items = [], executor = '' } of plans) {
    room.chars -= 40 + executor.length
    for (const item of items) room.chars -= 3 + item.length
  }
  return plans
}

/** Whether nobody waits for this one to find a place: it ends instead. */
function endsWhenFull(state: State, { job }: Evaluation): boolean {
  return state.jobs.get(job)?.spec.whenFull === 'fail'
}
