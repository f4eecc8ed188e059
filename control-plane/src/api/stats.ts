import type { Stats } from '@cronclave/openapi'
import { Problem } from '../problems.ts'
import type { Job } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import { BUCKETS_MS, emptyCounters, HOUR_MS, type HourCounters } from '../state/counters.ts'
import type { Namespace } from '../state/state.ts'
import { COUNTER_HOURS_MAX } from '../store/ledger.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { jobAt, namespaceNamed } from './lookup.ts'
import { each } from './pages.ts'
import { optionalInstant, timeText } from './times.ts'

const DAY_MS = 24 * HOUR_MS
const WINDOW_MS = { hour: DAY_MS, day: 30 * DAY_MS }

export function statsHandlers(context: ApiContext): Pick<Handlers, 'getNamespaceStats' | 'getJobStats'> {
  const { state } = context
  return {
    async getNamespaceStats({ path, query }) {
      const namespace = namespaceNamed(state(), path.namespace)
      const { series, ...window } = await counted(context, { namespace: namespace.uid }, query)
      return { status: 200, body: { ...window, ...(await presentOf(context, namespace)), series } }
    },

    async getJobStats({ path, query }) {
      const job = jobAt(state(), path)
      const { series, ...window } = await counted(context, { namespace: job.namespace, job: job.uid }, query)
      return { status: 200, body: { ...window, ...presentOfJob(context, job), series } }
    },
  }
}

type Present = Pick<Stats, 'open' | 'jobs'>

async function counted(
  context: ApiContext,
  owner: { namespace: number; job?: number },
  query: Call<'getJobStats'>['query'],
): Promise<Omit<Stats, keyof Present>> {
  const step = query.step ?? 'hour'
  const to = optionalInstant(query.to, '?to') ?? context.clock.now() + 1
  const from = optionalInstant(query.from, '?from') ?? Math.max(0, to - WINDOW_MS[step])
  refuseWindow(from, to)
  const stepMs = step === 'hour' ? HOUR_MS : DAY_MS
  const hours = await context.ledger.counters({ ...owner, from, to })
  const total = emptyCounters(from)
  const points = new Map<Millis, HourCounters>()
  for (let at = floor(from, stepMs); at < to; at += stepMs) points.set(at, emptyCounters(at))
  for (const hour of hours) {
    add(total, hour)
    const point = points.get(floor(hour.hour, stepMs))
    if (point) add(point, hour)
  }
  return {
    from: timeText(from),
    to: timeText(to),
    step,
    totals: { runs: total.runs, skippedFires: total.skippedFires, attempts: total.attempts },
    series: [...points].map(([at, { runs, skippedFires, attempts }]) => ({
      at: timeText(at),
      runs,
      skippedFires,
      attempts,
    })),
    lateness: { boundsMs: [...BUCKETS_MS], counts: total.lateness },
    duration: { boundsMs: [...BUCKETS_MS], counts: total.duration },
  }
}

function refuseWindow(from: Millis, to: Millis): void {
  const pointer = '?from'
  if (from >= to) throw new Problem('invalid-request', undefined, [{ pointer, detail: 'must be before to' }])
  if (to - from > (COUNTER_HOURS_MAX - 1) * HOUR_MS) {
    throw new Problem('invalid-request', undefined, [{ pointer, detail: 'must be less than 92 days before to' }])
  }
}

function add(sum: HourCounters, hour: HourCounters): void {
  for (const state of Object.keys(sum.runs) as (keyof HourCounters['runs'])[]) sum.runs[state] += hour.runs[state]
  sum.skippedFires += hour.skippedFires
  sum.attempts += hour.attempts
  for (const [i, count] of hour.lateness.entries()) sum.lateness[i] = (sum.lateness[i] ?? 0) + count
  for (const [i, count] of hour.duration.entries()) sum.duration[i] = (sum.duration[i] ?? 0) + count
}

function floor(at: Millis, stepMs: number): Millis {
  return at - (at % stepMs)
}

async function presentOf(context: ApiContext, namespace: Namespace): Promise<Present> {
  const jobs = { active: 0, paused: 0, ended: 0, quarantined: 0 }
  const open = { queued: 0, running: 0 }
  await each(context.state().jobs.values(), (job) => {
    if (job.namespace === namespace.uid) jobs[job.state] += 1
  })
  await each(context.state().runs.values(), (run) => {
    if (run.namespace === namespace.uid) open[run.state] += 1
  })
  return { open, jobs }
}

function presentOfJob(context: ApiContext, job: Job): Present {
  const jobs = { active: 0, paused: 0, ended: 0, quarantined: 0 }
  jobs[job.state] = 1
  const open = { queued: 0, running: 0 }
  for (const id of job.openRuns) {
    const state = context.state().runs.get(id)?.state
    if (state !== undefined) open[state] += 1
  }
  return { open, jobs }
}
