import type { Stats } from '@cronclave/openapi'
import { Problem } from '../problems.ts'
import type { Job } from '../jobs/job.ts'
import type { Millis } from '../runtime/clock.ts'
import { BUCKETS_MS, HOUR_MS, hourOf } from '../state/counters.ts'
import { cellsBetween, middleOf } from '../stats/cells.ts'
import { stepsBetween } from '../stats/periods.ts'
import { bucketQuantile } from '../stats/quantile.ts'
import { addHour, addSum, type Counted, countedIn, emptySum, type Sum } from '../stats/sum.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { jobAt, namespaceNamed } from './lookup.ts'
import { each } from './pages.ts'
import { PERIOD_STEP, windowOf } from './stats-window.ts'
import { timeText } from './times.ts'

/** Points of one answer at most: the hours of 92 days. */
const POINTS_MAX = 92 * 24

type StatsHandlers = Pick<Handlers, 'getStats' | 'getNamespaceStats' | 'getJobStats'>

export function statsHandlers(context: ApiContext): StatsHandlers {
  const { state } = context
  return {
    async getStats({ query }) {
      const { series, ...window } = await counted(context, [...state().namespaces.keys()], query)
      return { status: 200, body: { ...window, ...(await presentOf(context, undefined)), series } }
    },

    async getNamespaceStats({ path, query }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      const { series, ...window } = await counted(context, [uid], query)
      return { status: 200, body: { ...window, ...(await presentOf(context, uid)), series } }
    },

    async getJobStats({ path, query }) {
      const job = jobAt(state(), path)
      const { series, ...window } = await counted(context, [job.uid], query)
      return { status: 200, body: { ...window, ...presentOfJob(context, job), series } }
    },
  }
}

type Present = Pick<Stats, 'open' | 'jobs'>

async function counted(
  context: ApiContext,
  owners: readonly number[],
  query: Call<'getJobStats'>['query'],
): Promise<Omit<Stats, keyof Present>> {
  const step = query.step ?? (query.period === undefined ? 'hour' : PERIOD_STEP[query.period])
  const oldest = await context.ledger.oldestDay()
  const { from, to, zone } = windowOf(query, step, context.clock.now(), oldest)
  const edges = stepsBetween(from, to, step, zone, POINTS_MAX)
  if (!edges) {
    const detail = `must be at most ${POINTS_MAX} ${step}s before to`
    throw new Problem('invalid-request', undefined, [{ pointer: '?from', detail }])
  }
  const points = edges.slice(0, -1).map((at) => ({ at, sum: emptySum() }))
  const total = emptySum()
  const visit = (at: Millis, sum: Sum) => {
    addSum(total, sum)
    const point = points[placeOf(edges, at)]
    if (point) addSum(point.sum, sum)
  }
  await eachCell(context, owners, [from, ...edges.slice(1, -1), to], oldest ?? to, visit)
  const { lateness, duration, ...totals } = countedIn(total)
  return {
    from: timeText(from),
    to: timeText(to),
    step,
    zone,
    totals,
    series: points.map(({ at, sum }) => pointOf(at, countedIn(sum))),
    lateness: { boundsMs: [...BUCKETS_MS], counts: lateness },
    duration: { boundsMs: [...BUCKETS_MS], counts: duration },
  }
}

/** Visits what was counted by some owners between the first edge and the last, a day or an hour at a time. */
async function eachCell(
  { ledger, state }: ApiContext,
  owners: readonly number[],
  edges: readonly Millis[],
  oldest: Millis,
  visit: (at: Millis, sum: Sum) => void,
): Promise<void> {
  const { countedTo, now } = state()
  const hoursFrom = (await ledger.oldestHour()) ?? Number.POSITIVE_INFINITY
  // Nothing was counted before the oldest, nor after the present hour.
  const [first = 0, last = 0] = [edges[0], edges.at(-1)]
  const [from, to] = [Math.max(first, oldest), Math.min(last, hourOf(now) + HOUR_MS)]
  if (from >= to) return
  const within = edges.filter((edge) => edge > from && edge < to)
  const hour = hourOf(now)
  const cells = cellsBetween([from, ...within, to], { countedTo, hoursFrom }).filter(({ at }) => at !== hour)
  for (const owner of owners) {
    // The store is a little behind memory, which has the present hour.
    const present = from < hour + HOUR_MS && to > hour ? state().counters.get(owner) : undefined
    if (present?.hour === hour) visit(hour + HOUR_MS / 2, addHour(emptySum(), present))
    const sums = await ledger.counted(owner, cells)
    for (const [i, cell] of cells.entries()) {
      const sum = sums[i]
      if (sum) visit(middleOf(cell), sum)
    }
  }
}

function pointOf(at: Millis, { runs, skippedFires, attempts, lateness, duration }: Counted): Stats['series'][number] {
  return {
    at: timeText(at),
    runs,
    skippedFires,
    attempts,
    ...quantiles('lateness', lateness),
    ...quantiles('duration', duration),
  }
}

type Quantiles<Of extends string> = { [Key in `${Of}${'P50' | 'P95'}Ms`]?: number }

function quantiles<Of extends string>(of: Of, counts: readonly number[]): Quantiles<Of> {
  const [half, most] = [bucketQuantile(counts, 0.5), bucketQuantile(counts, 0.95)]
  return (
    half === undefined || most === undefined ? {} : { [`${of}P50Ms`]: half, [`${of}P95Ms`]: most }
  ) as Quantiles<Of>
}

/** Index of the step that an instant lies in; edges are sorted. */
function placeOf(edges: readonly Millis[], at: Millis): number {
  let low = 0
  let high = edges.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((edges[middle] as number) <= at) low = middle
    else high = middle - 1
  }
  return low
}

async function presentOf(context: ApiContext, namespace: number | undefined): Promise<Present> {
  const jobs = { active: 0, paused: 0, ended: 0, quarantined: 0 }
  const open = { queued: 0, running: 0 }
  await each(context.state().jobs.values(), (job) => {
    if (namespace === undefined || job.namespace === namespace) jobs[job.state] += 1
  })
  await each(context.state().runs.values(), (run) => {
    if (namespace === undefined || run.namespace === namespace) open[run.state] += 1
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
