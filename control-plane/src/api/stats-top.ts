import type { TopJob, TopJobs } from '@cronclave/openapi'
import type { Job } from '../jobs/job.ts'
import { type Candidate, type Ranked, type RankedBy, ranking } from '../stats/ranking.ts'
import { WindowSums } from '../stats/window-sums.ts'
import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { each } from './pages.ts'
import { windowOf, windowsOfTrend } from './stats-window.ts'
import { timeText } from './times.ts'

/** Jobs of a ranking when the query asks for no number, and the runs that each of them has at least. */
const TOP = 20
const MIN_RUNS = 5

/** Which jobs are worst: by failures, lateness, or how much slower they have become. */
export function statsTopHandlers(context: ApiContext): Pick<Handlers, 'getTopJobs' | 'getNamespaceTopJobs'> {
  const { state, ledger } = context
  const sums = new WindowSums({
    state,
    eachCounted: (cell, visit) => ledger.eachCounted(cell, visit),
    oldestHour: () => ledger.oldestHour(),
  })
  return {
    async getTopJobs({ query }) {
      return { status: 200, body: await topJobs(context, sums, undefined, query) }
    },

    async getNamespaceTopJobs({ path, query }) {
      const { uid } = namespaceNamed(state(), path.namespace)
      return { status: 200, body: await topJobs(context, sums, uid, query) }
    },
  }
}

async function topJobs(
  { clock, state, ledger }: ApiContext,
  sums: WindowSums,
  namespace: number | undefined,
  query: Call<'getTopJobs'>['query'],
): Promise<TopJobs> {
  const by: RankedBy = query.by ?? 'failure-rate'
  const period = query.period ?? (query.from === undefined && query.to === undefined ? 'week' : undefined)
  const oldest = await ledger.oldestDay()
  const window = windowOf({ ...query, ...(period === undefined ? {} : { period }) }, 'day', clock.now(), oldest)
  const isTrend = by === 'duration-trend'
  const { recent, before } = isTrend ? windowsOfTrend(window, period, oldest) : { recent: window, before: undefined }
  const begin = Math.max(recent.from, oldest ?? 0)
  const present = begin < recent.to ? await sums.over(begin, recent.to) : undefined
  const earlier =
    before && before.from < before.to ? await sums.over(Math.max(before.from, oldest ?? 0), before.to) : undefined
  const candidates: Candidate<Job>[] = []
  await each(state().jobs.values(), (job) => {
    if (namespace !== undefined && job.namespace !== namespace) return
    const sum = present?.of(job.uid)
    if (sum) candidates.push({ job, name: job.name, sum, before: earlier?.of(job.uid) })
  })
  const minRuns = query.minRuns ?? MIN_RUNS
  const found = ranking(candidates, { by, minRuns, limit: query.limit ?? TOP })
  return {
    by,
    from: timeText(recent.from),
    to: timeText(recent.to),
    zone: window.zone,
    minRuns,
    ...(before ? { beforeFrom: timeText(before.from) } : {}),
    items: found.map((one) => topJob(one, state().namespaces.get(one.job.namespace)?.name ?? '')),
  }
}

function topJob({ job, counted, judged, ...figures }: Ranked<Job>, namespace: string): TopJob {
  return {
    namespace,
    job: job.name,
    state: job.state,
    runs: judged,
    succeeded: counted.runs.succeeded,
    ...figures,
    failureRate: Math.round(figures.failureRate * 10_000) / 10_000,
    ...(figures.durationTrend === undefined ? {} : { durationTrend: Math.round(figures.durationTrend * 1000) / 1000 }),
  }
}
