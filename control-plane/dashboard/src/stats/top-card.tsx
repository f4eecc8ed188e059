import type { TopJob, TopJobs } from '@cronclave/openapi'
import { SegmentedControl, Skeleton } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount, formatDuration, formatShare } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import type { Period } from './analysis-page.tsx'
import classes from './top-card.module.css'
import { ownZone } from './trends.ts'

type By = TopJobs['by']

const RANKINGS: readonly { value: By; label: string; nothing: string }[] = [
  { value: 'failure-rate', label: 'Failures', nothing: 'No job failed.' },
  { value: 'lateness', label: 'Lateness', nothing: 'No job ran often enough.' },
  { value: 'duration-trend', label: 'Slower', nothing: 'No job takes longer than in the period before.' },
]

const TOP = 20

/** The worst jobs of a period. `namespace` absent: of all. */
export function TopCard({ namespace, home, period }: { namespace: string | undefined; home: string; period: Period }) {
  const [by, setBy] = useState<By>('failure-rate')
  const { data, error } = useTop(namespace, by, period)
  const nothing = RANKINGS.find(({ value }) => value === by)?.nothing
  return (
    <section className="card" aria-labelledby="top-title">
      <div className="card-head">
        <h2 id="top-title">Top {TOP}</h2>
        {data !== undefined && <span className="dim">Jobs with at least {data.minRuns} runs</span>}
        <SegmentedControl
          className="push"
          size="xs"
          aria-label="Compared by"
          value={by}
          onChange={(value) => setBy(value)}
          data={RANKINGS.map(({ value, label }) => ({ value, label }))}
        />
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data === undefined && error === null && (
        <div className="card-body">
          <Skeleton height={120} />
        </div>
      )}
      {data?.items.length === 0 && <p className={classes.none}>{nothing}</p>}
      {data !== undefined && data.items.length > 0 && (
        <TopTable jobs={data.items} by={by} home={namespace === undefined ? undefined : home} />
      )}
    </section>
  )
}

function useTop(namespace: string | undefined, by: By, period: Period) {
  const query = { by, period, zone: ownZone(), limit: TOP }
  const ofOne = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/stats/top',
    { params: { path: { namespace: namespace ?? '' }, query } },
    { enabled: namespace !== undefined, placeholderData: keepPreviousData },
  )
  const ofAll = api.useQuery(
    'get',
    '/v1/stats/top',
    { params: { query } },
    { enabled: namespace === undefined, placeholderData: keepPreviousData },
  )
  return namespace === undefined ? ofAll : ofOne
}

function TopTable({ jobs, by, home }: { jobs: readonly TopJob[]; by: By; home: string | undefined }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Job</th>
          {home === undefined && <th scope="col">Namespace</th>}
          <th scope="col">Failure rate</th>
          <th scope="col">Failed</th>
          <th scope="col">Runs</th>
          <th scope="col">Late p95</th>
          <th scope="col">Took, mean</th>
          {by === 'duration-trend' && <th scope="col">Before</th>}
          {by === 'duration-trend' && <th scope="col">Trend</th>}
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <TopRow key={`${job.namespace}/${job.job}`} job={job} by={by} showsNamespace={home === undefined} />
        ))}
      </tbody>
    </table>
  )
}

function TopRow({ job, by, showsNamespace }: { job: TopJob; by: By; showsNamespace: boolean }) {
  return (
    <tr>
      <td className={classes.job}>
        <Link to="/n/$ns/jobs/$job" params={{ ns: job.namespace, job: job.job }} className={classes.name}>
          {job.job}
        </Link>
        {job.state !== 'active' && <StateBadge state={job.state} />}
      </td>
      {showsNamespace && <td data-label="Namespace">{job.namespace}</td>}
      <td data-label="Failure rate">
        <span className={classes.rate}>
          <svg className={classes.bar} aria-hidden>
            <rect className={classes.fill} width={`${job.failureRate * 100}%`} height="100%" />
          </svg>
          <b className="num">{formatShare(job.failed, job.runs)}</b>
        </span>
      </td>
      <td data-label="Failed" className="num">
        {formatCount(job.failed)}
      </td>
      <td data-label="Runs" className="num">
        {formatCount(job.runs)}
      </td>
      <td data-label="Late p95">
        <Length ms={job.latenessP95Ms} />
      </td>
      <td data-label="Took, mean">
        <Length ms={job.durationMeanMs} />
      </td>
      {by === 'duration-trend' && (
        <td data-label="Before">
          <Length ms={job.durationMeanBeforeMs} />
        </td>
      )}
      {by === 'duration-trend' && (
        <td data-label="Trend" className="num">
          {job.durationTrend === undefined ? '–' : `× ${job.durationTrend.toFixed(2)}`}
        </td>
      )}
    </tr>
  )
}

function Length({ ms }: { ms: number | undefined }) {
  return ms === undefined ? <span className="dim">–</span> : <span className="num nowrap">{formatDuration(ms)}</span>
}
