import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Outcome } from '../cluster/consensus.ts'
import type { Millis } from '../runtime/clock.ts'
import type { Command, CommandOf, FireDecision, FireStart, Placement } from '../state/commands.ts'
import type { FireVerdict } from '../state/fires.ts'
import { carried, contextOf } from './context.ts'
import { jobAttributes, runAttributes } from './attributes.ts'
import type { TracingDeps } from './tracing.ts'

/** A span that is open until its entry is committed. */
interface Open {
  span: Span
  /** Around the commit. */
  commit: Span
}

/**
 * Proposes, with a trace for each fire: from the due time until it is decided, and within it `plan`, until a place was
 * found, and `commit`. The context rides in the command, so that whoever sends the call goes on from there. Runs that
 * were made before get `plan` and `commit` where they are placed.
 */
export function proposing(deps: TracingDeps, propose: (command: Command) => Promise<Outcome>) {
  return (command: Command): Promise<Outcome> => {
    if (command.kind === 'decide-fires') {
      const open = command.decisions.map((decision) => beginFires(deps, decision, command.node))
      return settled(deps, propose(command), (outcome) => verdicts(open, outcome), open.flat())
    }
    if (command.kind === 'place-shards') {
      const open = placements(deps, command)
      return settled(deps, propose(command), () => undefined, open)
    }
    return propose(command)
  }
}

function beginFires(deps: TracingDeps, decision: FireDecision, node: string): Open[] {
  const job = deps.state().jobs.get(decision.job)
  if (!job) return []
  const attributes = jobAttributes(deps.state(), job)
  return decision.fires.map((fire) => beginFire(deps, fire, attributes, node))
}

function beginFire({ tracer, clock, state }: TracingDeps, fire: FireStart, job: Attributes, node: string): Open {
  const now = clock.now()
  const span = tracer.startSpan(
    'fire',
    {
      root: true,
      kind: SpanKind.INTERNAL,
      startTime: Math.min(fire.dueTime, now),
      attributes: { ...job, 'cronclave.run.id': fire.run, 'cronclave.run.cause': fire.cause },
    },
    contextOf(undefined),
  )
  const context = carried(span)
  if (context === undefined) delete fire.trace
  else fire.trace = context
  const within = trace.setSpan(contextOf(undefined), span)
  if (fire.place !== undefined || fire.shards !== undefined) {
    const planner = state().members.get(node)?.name ?? node
    const plan = { startTime: Math.min(fire.dueTime, now), attributes: { 'cronclave.node': planner } }
    tracer.startSpan('plan', plan, within).end(now)
  }
  return { span, commit: tracer.startSpan('commit', { startTime: now }, within) }
}

function placements(deps: TracingDeps, { placements: all, node }: CommandOf<'place-shards'>): Open[] {
  return all.flatMap((placement) => beginPlacement(deps, placement, node) ?? [])
}

function beginPlacement({ tracer, clock, state }: TracingDeps, placement: Placement, node: string): Open | undefined {
  const run = state().runs.get(placement.run)
  const job = run && state().jobs.get(run.job)
  if (!run?.trace || !job) return undefined
  const now = clock.now()
  const waitedSince: Millis = run.shards[placement.shard]?.retryAt ?? run.createdAt
  const span = tracer.startSpan(
    'plan',
    {
      startTime: Math.min(waitedSince, now),
      attributes: {
        ...jobAttributes(state(), job),
        ...runAttributes(run),
        'cronclave.node': state().members.get(node)?.name ?? node,
      },
    },
    contextOf(run.trace),
  )
  const commit = tracer.startSpan('commit', { startTime: now }, trace.setSpan(contextOf(undefined), span))
  return { span, commit }
}

async function settled(
  { clock }: TracingDeps,
  proposal: Promise<Outcome>,
  read: (outcome: Outcome) => void,
  open: readonly Open[],
): Promise<Outcome> {
  let failed = false
  try {
    const outcome = await proposal
    read(outcome)
    for (const { commit } of open) commit.setAttribute('cronclave.log.index', outcome.index)
    return outcome
  } catch (error) {
    failed = true
    throw error
  } finally {
    const now = clock.now()
    for (const { span, commit } of open) {
      if (failed) commit.setStatus({ code: SpanStatusCode.ERROR, message: 'it is not known to be committed' })
      commit.end(now)
      span.end(now)
    }
  }
}

/** What became of each fire: one verdict for a decision that is stale as a whole. */
function verdicts(open: readonly Open[][], outcome: Outcome): void {
  const all: readonly FireVerdict[] = outcome.kind === 'applied' ? (outcome.value?.fires ?? []) : []
  let next = 0
  for (const decision of open) {
    const stale = all[next] === 'stale'
    for (const [at, { span }] of decision.entries())
      span.setAttribute('cronclave.fire.verdict', (stale ? 'stale' : all[next + at]) ?? 'unknown')
    next += stale ? 1 : decision.length
  }
}
