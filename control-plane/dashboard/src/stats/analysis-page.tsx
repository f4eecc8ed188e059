import type { Stats } from '@cronclave/openapi'
import { SegmentedControl, Skeleton } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount, formatDuration, formatShare } from '../ui/format.ts'
import { PageHead } from '../ui/page-head.tsx'
import { Charts } from './charts.tsx'
import { Figures } from './figures.tsx'
import { fromStats, judged, started, total } from './outcomes.ts'
import classes from './analysis-page.module.css'
import { TopCard } from './top-card.tsx'
import { ownZone, quantileOf } from './trends.ts'

export type Period = 'today' | 'week' | 'month' | 'all'

const PERIODS: readonly { value: Period; label: string; words: string }[] = [
  { value: 'today', label: 'Today', words: 'today, by the hour' },
  { value: 'week', label: 'Week', words: 'this week, by the day' },
  { value: 'month', label: 'Month', words: 'this month, by the day' },
  { value: 'all', label: 'All', words: 'all that is counted, by the month' },
]

/** What ended in a namespace, or in the whole cluster: how it ended, how late it began, how long it took, and the worst jobs. */
export default function AnalysisPage({ namespace }: { namespace: string }) {
  const [period, setPeriod] = useState<Period>('week')
  const [everywhere, setEverywhere] = useState(false)
  const { data: session } = api.useQuery('get', '/v1/session')
  const seesCluster = session?.scope === 'admin' || session?.scope === 'read'
  const where = everywhere && seesCluster ? undefined : namespace
  return (
    <>
      <PageHead
        title="Analysis"
        name="Analysis"
        actions={
          <>
            {seesCluster && (
              <SegmentedControl
                size="xs"
                aria-label="Of what"
                value={everywhere ? 'all' : 'one'}
                onChange={(value) => setEverywhere(value === 'all')}
                data={[
                  { value: 'one', label: namespace },
                  { value: 'all', label: 'All namespaces' },
                ]}
              />
            )}
            <SegmentedControl
              size="xs"
              aria-label="Period"
              value={period}
              onChange={(value) => setPeriod(value)}
              data={PERIODS.map(({ value, label }) => ({ value, label }))}
            />
          </>
        }
      />
      <Totals namespace={where} period={period} />
      <TopCard namespace={where} home={namespace} period={period} />
    </>
  )
}

function useStats(namespace: string | undefined, period: Period) {
  const query = { period, zone: ownZone() }
  const ofOne = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/stats',
    { params: { path: { namespace: namespace ?? '' }, query } },
    { enabled: namespace !== undefined, placeholderData: keepPreviousData },
  )
  const ofAll = api.useQuery(
    'get',
    '/v1/stats',
    { params: { query } },
    { enabled: namespace === undefined, placeholderData: keepPreviousData },
  )
  return namespace === undefined ? ofAll : ofOne
}

function Totals({ namespace, period }: { namespace: string | undefined; period: Period }) {
  const { data: stats, error } = useStats(namespace, period)
  const words = PERIODS.find(({ value }) => value === period)?.words ?? ''
  return (
    <section className="card" aria-label="Totals">
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      <div className={classes.figures}>
        <Figures rows={figuresOf(stats)} />
      </div>
      <Suspense fallback={<Skeleton height={380} />}>
        {stats === undefined ? <Skeleton height={380} /> : <Charts stats={stats} words={words} />}
      </Suspense>
    </section>
  )
}

function figuresOf(stats: Stats | undefined): readonly (readonly [string, string | undefined])[] {
  const counts = stats && total(fromStats(stats).points)
  const failed = counts && counts.failed + counts['timed-out'] + counts.lost
  const late = stats && quantileOf(stats.lateness, 0.95)
  const took = stats && quantileOf(stats.duration, 0.95)
  return [
    ['Runs', counts && formatCount(started(counts))],
    ['Succeeded', counts && formatShare(counts.succeeded, judged(counts))],
    ['Failed', counts && formatCount(failed ?? 0)],
    ['Skipped', counts && formatCount(counts.skipped)],
    ['Late p95', stats && (late === undefined ? '–' : formatDuration(late))],
    ['Took p95', stats && (took === undefined ? '–' : formatDuration(took))],
  ]
}
