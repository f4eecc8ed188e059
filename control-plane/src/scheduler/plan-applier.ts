import type { Outcome } from '../cluster/consensus.ts'
import type { Job } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { OpenRun } from '../runs/run.ts'
import type { Command, CommandOf, FireDecision, FireStart, Placement, ShardPlan } from '../state/commands.ts'
import { executorsOf, takesWork } from '../state/executors.ts'
import type { FireVerdict } from '../state/fires.ts'
import type { State } from '../state/state.ts'
import type { NoPlace } from './board.ts'
import type { Asker, Planned, Wanted } from './evaluation.ts'
import type { Finish, Pending } from './pending.ts'

export interface PlanApplierDeps {
  logger: Logger
  state(): State
  now(): Millis
  propose(command: Command): Promise<Outcome>
  /** Where executors poll, when some do: this node. */
  desk(): string | undefined
}

/** What became of a plan: of each evaluation, where in the log, and how many of its shards found their place. */
export interface AppliedPlan {
  finishes: Finish[]
  /** Jobs whose fires are decided, or were not because the job is another by now. */
  decided: number[]
  index: number
  placed: number
  refused: number
  /** Part of it could not be committed: proposing it again at once would not help. */
  failed: boolean
}

/**
 * Proposes what a worker has planned, in one entry for fires and one for runs and shards, with the worker's node as the
 * one that sends; what executors poll for is handed out here. It spares the log what the newest state makes hopeless; `apply` alone decides.
 */
export async function applyPlan(
  deps: PlanApplierDeps,
  { node, incarnation }: Asker,
  pending: readonly Pending[],
  planned: readonly Planned[],
): Promise<AppliedPlan> {
  const { decisions, placements, expired, finishes, decided } = sortOut(deps.state(), pending, planned)
  const at = deps.now()
  const desk = deps.desk()
  const by = { node, incarnation, ...(desk === undefined ? {} : { desk }) }
  const proposals: Promise<Outcome>[] = []
  if (expired.length > 0) proposals.push(deps.propose({ kind: 'runs-expired', at, runs: expired }))
  if (placements.length > 0) proposals.push(deps.propose({ kind: 'place-shards', at, ...by, placements }))
  if (decisions.length > 0) proposals.push(deps.propose({ kind: 'decide-fires', at, ...by, decisions }))
  const plan: AppliedPlan = { finishes, decided, index: 0, placed: 0, refused: 0, failed: false }
  // They were proposed in one turn and share a write; each is waited for, whatever becomes of the others.
  for (const settled of await Promise.allSettled(proposals)) {
    if (settled.status === 'rejected') {
      plan.failed = true
      deps.logger.warn({ error: String(settled.reason) }, 'a plan could not be committed')
      continue
    }
    plan.index = Math.max(plan.index, settled.value.index)
  }
  await count(plan, proposals, expired.length > 0 ? 1 : 0, placements, decisions)
  return plan
}

interface Sorted {
  decisions: FireDecision[]
  placements: Placement[]
  expired: CommandOf<'runs-expired'>['runs']
  finishes: Finish[]
  decided: number[]
}

function sortOut(state: State, pending: readonly Pending[], planned: readonly Planned[]): Sorted {
  const sorted: Sorted = { decisions: [], placements: [], expired: [], finishes: [], decided: [] }
  for (const [at, one] of pending.entries()) {
    const plan = planned[at] ?? { fault: 'the plan says nothing of it' }
    sorted.finishes.push(one.withdrawn ? 'done' : takeIn(state, one, plan, sorted))
  }
  return sorted
}

function takeIn(state: State, { evaluation, decision }: Pending, plan: Planned, sorted: Sorted): Finish {
  if ('fault' in plan) return 'fault'
  if ('behind' in plan) return 'again'
  const job = state.jobs.get(evaluation.job)
  const { wanted } = evaluation
  if (wanted.kind === 'fires') {
    const splits = 'splits' in plan ? plan.splits : []
    if (job && splits.some((parts) => parts && passesOver(state, job, parts))) return 'again'
    sorted.decided.push(evaluation.job)
    // Another version falls due by other schedules: its fires are found again.
    if (decision && job?.version === decision.version && !('moot' in plan))
      sorted.decisions.push(withPlaces(decision, plan))
    return 'done'
  }
  const run = state.runs.get(wanted.run)
  if (!run || !job || 'moot' in plan) return 'done'
  if ('none' in plan) {
    if (wanted.kind === 'shard' || job.spec.whenFull !== 'fail') return blockedBy(wanted, plan)
    sorted.expired.push({ id: run.id, why: plan.none })
    return 'done'
  }
  // A run that does parts of another again has those, whoever came since.
  const isOpen = run.executor === undefined && run.shards.length === 0
  if ('shards' in plan && plan.version !== job.version) return 'again'
  if ('shards' in plan && isOpen && passesOver(state, job, plan.shards)) return 'again'
  const placement = placementOf(run, wanted, plan)
  if (placement) sorted.placements.push(placement)
  return 'done'
}

/** What stands in the way of a run besides executors, or of a part whatever it is. */
function blockedBy({ kind }: Wanted, { bar }: NoPlace): Finish {
  if (kind !== 'run' || bar === undefined) return 'blocked'
  return bar === 'size' ? 'unfit' : 'over-quota'
}

/** A decision with the places that were found for its fires. */
export function withPlaces(decision: FireDecision, plan: Planned): FireDecision {
  let next = 0
  for (const fire of decision.fires) {
    if (!wantsPlace(fire)) continue
    const place = 'places' in plan ? plan.places[next] : undefined
    const shards = 'splits' in plan ? plan.splits[next] : undefined
    next += 1
    delete fire.place
    delete fire.shards
    if (typeof place === 'string') fire.place = [place]
    if (shards) fire.shards = shards
  }
  return decision
}

/** Whether a fire starts at once if there is room; what was missed waits in the queue. */
export function wantsPlace({ cause, skip }: FireStart): boolean {
  return cause !== 'misfire' && skip === undefined
}

/** Whether a broadcast was planned before an executor came that is online now: every one is to have its part. */
function passesOver(state: State, job: Job, parts: readonly ShardPlan[]): boolean {
  if (job.spec.routing.strategy !== 'broadcast') return false
  const planned = new Set(parts.map(({ executor }) => executor))
  for (const executor of executorsOf(state, job).values())
    if (takesWork(executor, job) && !planned.has(executor.id)) return true
  return false
}

/** Undefined when the run has moved on since it was planned. */
function placementOf(run: OpenRun, wanted: Wanted, plan: Planned): Placement | undefined {
  if (wanted.kind === 'shard') {
    const shard = run.shards[wanted.shard]
    if (!('executor' in plan) || shard?.state !== 'waiting' || shard.attempts !== wanted.attempts) return undefined
    return { run: run.id, shard: wanted.shard, attempts: wanted.attempts, executor: plan.executor }
  }
  if (run.state !== 'queued') return undefined
  if ('shards' in plan)
    return { run: run.id, shard: -1, shards: plan.shards, version: plan.version, attempts: 0, executor: '-' }
  if (!('executor' in plan)) return undefined
  return { run: run.id, shard: 0, attempts: run.shards[0]?.attempts ?? 0, executor: plan.executor }
}

/** Counts the shards that found their place, and those that the newest state had no place for. */
async function count(
  plan: AppliedPlan,
  proposals: readonly Promise<Outcome>[],
  first: number,
  placements: readonly Placement[],
  decisions: readonly FireDecision[],
): Promise<void> {
  let at = first
  if (placements.length > 0) {
    const verdicts = await verdictsOf(proposals[at++])
    for (const [i, placement] of placements.entries()) note(plan, verdicts[i], shardsIn(placement.shards) ?? 1)
  }
  if (decisions.length === 0) return
  const verdicts = await verdictsOf(proposals[at])
  let next = 0
  for (const { fires } of decisions) {
    // One verdict for a decision that has become stale as a whole.
    const stale = verdicts[next] === 'stale'
    for (const [i, fire] of fires.entries()) {
      const shards = shardsIn(fire.shards) ?? fire.place?.length ?? 0
      note(plan, stale ? 'stale' : verdicts[next + i], shards)
    }
    next += stale ? 1 : fires.length
  }
}

async function verdictsOf(proposal: Promise<Outcome> | undefined): Promise<readonly FireVerdict[]> {
  const outcome = await proposal?.catch(() => undefined)
  return outcome?.kind === 'applied' ? (outcome.value?.fires ?? []) : []
}

function shardsIn(shards: readonly ShardPlan[] | undefined): number | undefined {
  return shards?.filter(({ executor }) => executor !== undefined).length
}

function note(plan: AppliedPlan, verdict: FireVerdict | undefined, shards: number): void {
  if (verdict === 'started') plan.placed += shards
  else if (verdict === 'queued' || verdict === 'stale') plan.refused += shards
}
