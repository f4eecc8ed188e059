import { each } from '../api/pages.ts'
import type { Namespace, State } from '../state/state.ts'
import type { Figures } from './families.ts'
import type { NamespaceTally, Tally } from './tally.ts'
import {
  CAUSES,
  ENDED_STATES,
  EXECUTOR_STATES,
  executorState,
  JOB_STATES,
  OPEN_STATES,
  OUTCOMES,
  SKIP_REASONS,
} from './words.ts'

/** What namespaces beyond those counted by name are called together; no namespace can have this name. */
export const OTHERS = '_other'

/** What the log has brought about since this process started. */
export function readTally(figures: Figures, state: State, tally: Tally): void {
  tally.keepOnly(state.namespaces)
  let unnamed = 0
  for (const { uid, name } of state.namespaces.values()) {
    if (tally.isNamed(uid)) readNamespace(figures, name, tally.of(uid))
    else unnamed += 1
  }
  if (unnamed > 0) readNamespace(figures, OTHERS, tally.others)
}

function readNamespace(figures: Figures, name: string, tally: NamespaceTally): void {
  figures.set('cronclave_fires_due_total', tally.due, name)
  figures.set('cronclave_fires_missed_total', tally.missed, name)
  for (const reason of SKIP_REASONS)
    figures.set('cronclave_fires_skipped_total', tally.skipped.of(reason), name, reason)
  for (const cause of CAUSES) figures.set('cronclave_runs_started_total', tally.started.of(cause), name, cause)
  for (const ended of ENDED_STATES) figures.set('cronclave_runs_ended_total', tally.ended.of(ended), name, ended)
  for (const outcome of OUTCOMES) figures.set('cronclave_attempts_total', tally.attempts.of(outcome), name, outcome)
  figures.buckets('cronclave_fire_lateness_seconds', tally.lateness, name)
  figures.buckets('cronclave_run_duration_seconds', tally.durations, name)
  figures.buckets('cronclave_attempt_duration_seconds', tally.attemptDurations, name)
}

/** What the state holds at the moment, in memory: the database is never asked. */
export async function readState(figures: Figures, state: State, tally: Tally): Promise<void> {
  const held = new Map<string, Holding>()
  const holding = (namespace: number) => {
    const name = tally.isNamed(namespace) ? (state.namespaces.get(namespace)?.name ?? OTHERS) : OTHERS
    let known = held.get(name)
    if (!known) held.set(name, (known = emptyHolding()))
    return known
  }
  for (const namespace of state.namespaces.values()) addNamespace(holding(namespace.uid), namespace)
  for (const executors of state.executors.values()) {
    for (const executor of executors.values()) {
      const of = holding(executor.namespace)
      of.executors[executorState(executor)] += 1
      of.executorSlots += executor.slots
      of.executorSlotsUsed += executor.held
    }
  }
  for (const backfill of state.backfills.values())
    if (backfill.state === 'active') holding(backfill.namespace).backfills += 1
  await each(state.jobs.values(), (job) => (holding(job.namespace).jobs[job.state] += 1))
  await each(state.runs.values(), (run) => (holding(run.namespace).runs[run.state] += 1))
  for (const [name, one] of held) show(figures, name, one)
  let waiting = 0
  for (const notice of state.notices.values()) if (notice.state === 'open') waiting += 1
  figures.set('cronclave_notices_waiting', waiting)
  figures.set('cronclave_members', state.members.size)
}

type Holding = ReturnType<typeof emptyHolding>

function emptyHolding() {
  return {
    slots: 0,
    used: 0,
    queueLimit: 0,
    backfills: 0,
    executorSlots: 0,
    executorSlotsUsed: 0,
    jobs: zeros(JOB_STATES),
    runs: zeros(OPEN_STATES),
    executors: zeros(EXECUTOR_STATES),
  }
}

function zeros<Word extends string>(words: readonly Word[]): Record<Word, number> {
  return Object.fromEntries(words.map((word) => [word, 0])) as Record<Word, number>
}

function addNamespace(to: Holding, { slots, held, queuedRunsMax }: Namespace): void {
  to.slots += slots
  to.used += held
  to.queueLimit += queuedRunsMax
}

function show(figures: Figures, name: string, one: Holding): void {
  for (const state of JOB_STATES) figures.set('cronclave_jobs', one.jobs[state], name, state)
  for (const state of OPEN_STATES) figures.set('cronclave_runs', one.runs[state], name, state)
  for (const state of EXECUTOR_STATES) figures.set('cronclave_executors', one.executors[state], name, state)
  figures.set('cronclave_slots', one.slots, name)
  figures.set('cronclave_slots_used', one.used, name)
  figures.set('cronclave_queue_limit', one.queueLimit, name)
  figures.set('cronclave_executor_slots', one.executorSlots, name)
  figures.set('cronclave_executor_slots_used', one.executorSlotsUsed, name)
  figures.set('cronclave_backfills', one.backfills, name)
}
