import type { RunPrune } from '@cronclave/openapi'
import { Problem } from '../problems.ts'
import { type EndedRun, ENDED_STATES } from '../runs/run.ts'
import type { Sink } from '../logs/sink.ts'
import type { JobTrim, LedgerTrim } from '../state/commands.ts'
import { isBefore, lacks } from '../state/sinks.ts'
import { lowestCursor } from '../state/sink-gaps.ts'
import type { Namespace } from '../state/state.ts'
import { STEP_KEYS_MAX, STEP_RUNS_MAX, trimmedRun } from '../store/due-rows.ts'
import type { RunsFilter, RunsPage } from '../store/ledger.ts'
import { withWaiting } from '../store/waiting-rows.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { jobAt, namespaceNamed } from './lookup.ts'
import { submit } from './outcome.ts'
import { runView } from './run-view.ts'
import { optionalInstant } from './times.ts'

/** Runs that one request deletes at most … */
const PRUNE_RUNS_MAX = 5000
/** … and how long it goes on, in milliseconds. */
const PRUNE_MS_MAX = 5000
/** How long deleting waits for sinks that are well and have not been given everything yet, in milliseconds; and a look. */
const SINKS_MS_MAX = 3000
const SINKS_LOOK_MS = 50
/** Runs that a preview counts at most. */
const PREVIEW_RUNS_MAX = 100_000
/** Runs of which a preview says whether sinks have them: the newest … */
const UNDELIVERED_LOOKED_MAX = 10_000
/** … so many at a time. */
const UNDELIVERED_STEP = 500

export function pruneHandlers(context: ApiContext): Pick<Handlers, 'pruneRuns'> {
  return {
    async pruneRuns({ path, query }) {
      const namespace = namespaceNamed(context.state(), path.namespace)
      const filter = filterOf(context, namespace, query)
      const body = query.preview ? await previewOf(context, namespace, filter) : await prune(context, filter)
      return { status: 200, body }
    },
  }
}

function filterOf(context: ApiContext, namespace: Namespace, query: Call<'pruneRuns'>['query']): RunsFilter {
  const { job, state, before } = query
  if (job === undefined && before === undefined && (state ?? []).length === 0) {
    const detail = 'one of job, before and state is needed'
    throw new Problem('invalid-request', undefined, [{ pointer: '?before', detail }])
  }
  return {
    namespace: namespace.uid,
    job: job === undefined ? undefined : jobAt(context.state(), { namespace: namespace.name, job }).uid,
    states: ENDED_STATES.filter((one) => state?.includes(one)),
    to: optionalInstant(before, '?before'),
  }
}

async function previewOf(context: ApiContext, namespace: Namespace, filter: RunsFilter): Promise<RunPrune> {
  const { ledger } = context
  const first = async (newestFirst: boolean) => (await ledger.runs({ ...filter, newestFirst, limit: 1 })).rows[0]
  const [runs, oldest, newest] = [await ledger.count(filter, PREVIEW_RUNS_MAX), await first(false), await first(true)]
  const undelivered = await undeliveredOf(context, filter)
  // What sinks have been given is theirs.
  const keepers = [...context.state().sinks.values()].filter(({ cursor }) => cursor[0] > 0)
  const view = (run: EndedRun) => runView(run, { namespace: namespace.name, job: run.jobName })
  return {
    preview: true,
    runs,
    spared: 0,
    done: runs < PREVIEW_RUNS_MAX,
    ...(oldest ? { oldest: view(oldest) } : {}),
    ...(newest ? { newest: view(newest) } : {}),
    ...(undelivered.length > 0 ? { undelivered } : {}),
    ...(keepers.length > 0 && runs > 0 ? { keptBy: keepers.map(({ name }) => name) } : {}),
  }
}

/** How many of the runs each sink does not have yet; those that have all are left out. */
async function undeliveredOf(
  { ledger, state }: ApiContext,
  filter: RunsFilter,
): Promise<{ sink: string; runs: number }[]> {
  const { sinks, ledgerRows } = state()
  const behind = [...sinks.values()].filter(({ position }) => position < ledgerRows).map((sink) => ({ sink, runs: 0 }))
  if (behind.length === 0) return []
  let looked = 0
  for (let cursor: string | undefined; looked < UNDELIVERED_LOOKED_MAX; ) {
    const { rows, next } = await ledger.runs({ ...filter, newestFirst: true, limit: UNDELIVERED_STEP, cursor })
    for (const { sequence } of rows) for (const one of behind) if (lacks(one.sink, sequence)) one.runs += 1
    looked += rows.length
    cursor = next
    if (cursor === undefined) break
  }
  return behind.filter(({ runs }) => runs > 0).map(({ sink, runs }) => ({ sink: sink.name, runs }))
}

/** A step after the other, the oldest runs first; each is an entry of its own. */
async function prune(context: ApiContext, filter: RunsFilter): Promise<RunPrune> {
  const { clock, state } = context
  await delivered(context)
  const until = clock.monotonic() + PRUNE_MS_MAX
  const reply: RunPrune = { preview: false, runs: 0, spared: 0, done: false }
  for (let cursor: string | undefined; ; ) {
    // Before the rows are read: of a job that others trim in between this step leaves everything alone.
    const asOf = state().index
    const { rows, next } = await stepOf(context, filter, cursor)
    if (rows.length > 0) {
      const jobs = await named(context, byJob(rows))
      const delivered = await deliveredNow(context, jobs)
      const { trimmed } = await submit(context, { kind: 'ledger-trim', at: clock.now(), asOf, jobs, ...delivered })
      reply.runs += trimmed?.runs ?? 0
      reply.spared += trimmed?.spared ?? 0
    }
    cursor = next
    if (cursor === undefined) return { ...reply, done: true }
    if (reply.runs + reply.spared >= PRUNE_RUNS_MAX || clock.monotonic() > until) return reply
  }
}

/** Sinks get what has just ended, and say so: that takes about a second, after which deleting it is no gap. */
async function delivered({ clock, state }: ApiContext): Promise<void> {
  const { ledgerRows } = state()
  const until = clock.monotonic() + SINKS_MS_MAX
  const isAwaited = ({ paused, trouble, position }: Sink) => !paused && !trouble && position < ledgerRows
  while ([...state().sinks.values()].some(isAwaited) && clock.monotonic() < until) {
    await new Promise<void>((resolve) => clock.after(SINKS_LOOK_MS, resolve))
  }
}

/** How far sinks are, where some have not said yet that they have all of what is to go. */
async function deliveredNow(
  { state, sinks }: ApiContext,
  jobs: readonly JobTrim[],
): Promise<Pick<LedgerTrim, 'delivered'>> {
  const lowest = lowestCursor(state())
  if (!lowest || !jobs.some(({ runs }) => runs.some(({ sequence }) => isBefore(lowest, sequence)))) return {}
  const figures = await sinks.figures()
  return figures ? { delivered: [...figures].map(([sink, { place }]) => ({ sink, ...place })) } : {}
}

/** With what sinks wait for: they are told that they will not get it. */
function named({ state, ledger }: ApiContext, jobs: readonly JobTrim[]): Promise<JobTrim[]> {
  const lowest = lowestCursor(state())
  return Promise.all(jobs.map((job) => withWaiting(job, lowest, (run) => ledger.attempts(run))))
}

/** Runs that one entry may remove: fewer when they have many attempts. */
async function stepOf({ ledger }: ApiContext, filter: RunsFilter, cursor: string | undefined): Promise<RunsPage> {
  const read = (limit: number) => ledger.runs({ ...filter, newestFirst: false, limit, cursor })
  const page = await read(STEP_RUNS_MAX)
  let keys = 0
  const fitting = page.rows.findIndex(({ attempts }) => (keys += attempts) > STEP_KEYS_MAX)
  return fitting < 0 ? page : read(Math.max(1, fitting))
}

function byJob(rows: readonly EndedRun[]): JobTrim[] {
  const jobs = new Map<number, JobTrim>()
  for (const row of rows) {
    const trim = jobs.get(row.job) ?? { job: row.job, namespace: row.namespace, runs: [], stretches: [] }
    trim.runs.push(trimmedRun(row))
    jobs.set(row.job, trim)
  }
  return [...jobs.values()]
}
