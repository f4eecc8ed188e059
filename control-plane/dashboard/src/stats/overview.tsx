import { SegmentedControl, Skeleton, useComputedColorScheme } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { api } from '../api/client.ts'
import { useLiveRuns } from '../live/live.tsx'
import { LIVE_STEP_MS } from '../live/live-runs.ts'
import { now, useSecond } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount, formatShare } from '../ui/format.ts'
import { ExactTime } from '../ui/time.tsx'
import { Figures } from './figures.tsx'
import {
  bucketQuantile,
  fromBuckets,
  fromStats,
  judged,
  type Outcomes,
  RANGES,
  type Range,
  started,
  statsQuery,
  total,
  valueQuantile,
} from './outcomes.ts'
import classes from './overview.module.css'

const OutcomesChart = lazy(() => import('./outcomes-chart.tsx'))

/** Headline numbers and the chart of outcomes of a namespace, over a range that the reader picks. */
export function Overview({ namespace }: { namespace: string }) {
  const [range, setRange] = useState<Range>('live')
  const scheme = useComputedColorScheme('light')
  const { data: stats, error } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/stats',
    { params: { path: { namespace }, query: statsQuery(range, now()) } },
    { placeholderData: keepPreviousData },
  )
  const live = useLiveRuns()
  const step = Math.floor(useSecond() / LIVE_STEP_MS) * LIVE_STEP_MS
  const outcomes = useMemo<Outcomes | undefined>(
    () => (range === 'live' ? fromBuckets(live.buckets, step) : stats === undefined ? undefined : fromStats(stats)),
    [range, live.buckets, step, stats],
  )
  const counts = outcomes === undefined ? undefined : total(outcomes.points)
  const late = range === 'live' ? valueQuantile(live.latenessMs, 0.99) : stats && bucketQuantile(stats.lateness, 0.99)
  const words = RANGES.find(({ value }) => value === range)?.words ?? ''
  const partial = range === 'live' && outcomes !== undefined && live.completeSince > (outcomes.points[0]?.at ?? 0)
  return (
    <section className="card" aria-label="Overview">
      <div className={classes.top}>
        <Figures
          rows={[
            ['Runs', counts && formatCount(started(counts))],
            ['Succeeded', counts && formatShare(counts.succeeded, judged(counts))],
            ['Lateness p99', stats === undefined ? undefined : (late ?? '–')],
            ['Running now', stats && formatCount(stats.open.running)],
            ['Queued now', stats && formatCount(stats.open.queued)],
          ]}
        />
        <SegmentedControl
          className={classes.range ?? ''}
          size="xs"
          aria-label="Range"
          value={range}
          onChange={(value) => setRange(value)}
          data={RANGES.map(({ value, label }) => ({ value, label }))}
        />
      </div>
      <div className={classes.chart}>
        {error !== null && <ErrorNote error={error} />}
        <Suspense fallback={<Skeleton height={204} />}>
          {outcomes === undefined ? (
            <Skeleton height={204} />
          ) : (
            <OutcomesChart outcomes={outcomes} words={words} scheme={scheme} />
          )}
        </Suspense>
        {partial && Number.isFinite(live.completeSince) && (
          <p className={classes.note}>
            Counted since <ExactTime at={live.completeSince} />
          </p>
        )}
      </div>
    </section>
  )
}
