import { SegmentedControl, Skeleton } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import { api } from '../api/client.ts'
import { Charts } from '../stats/charts.tsx'
import { ownZone } from '../stats/trends.ts'
import { now } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'

type Range = 'day' | 'month' | 'year'

const DAY_MS = 86_400_000
const RANGES = [
  { value: 'day', label: '24 h', words: 'the last 24 hours, by the hour', step: 'hour', days: 1 },
  { value: 'month', label: '30 d', words: 'the last 30 days, by the day', step: 'day', days: 30 },
  { value: 'year', label: '1 y', words: 'the last year, by the week', step: 'week', days: 364 },
] as const satisfies readonly { value: Range; label: string; words: string; step: string; days: number }[]

/** How a job does over time: its outcomes, how late it begins and how long it takes. */
export function TrendsCard({ namespace, name }: { namespace: string; name: string }) {
  const [value, setValue] = useState<Range>('month')
  const range = RANGES.find((one) => one.value === value) ?? RANGES[1]
  // The same within an hour, so that what was read can be kept.
  const to = Math.ceil(now() / 3_600_000) * 3_600_000
  const from = new Date(to - range.days * DAY_MS).toISOString()
  const { data: stats, error } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/jobs/{job}/stats',
    { params: { path: { namespace, job: name }, query: { from, step: range.step, zone: ownZone() } } },
    { placeholderData: keepPreviousData },
  )
  return (
    <section className="card" aria-labelledby="trends-title">
      <div className="card-head">
        <h2 id="trends-title">Trends</h2>
        <SegmentedControl
          className="push"
          size="xs"
          aria-label="Range of the trends"
          value={value}
          onChange={(next) => setValue(next)}
          data={RANGES.map(({ value: one, label }) => ({ value: one, label }))}
        />
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      <Suspense fallback={<Skeleton height={380} />}>
        {stats === undefined ? <Skeleton height={380} /> : <Charts stats={stats} words={range.words} />}
      </Suspense>
    </section>
  )
}
