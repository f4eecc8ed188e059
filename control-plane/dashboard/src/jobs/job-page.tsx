import type { Job } from '@cronclave/openapi'
import { Alert, Skeleton } from '@mantine/core'
import { IconAlertTriangle, IconPlayerPause, IconShieldX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { RunsTable } from '../runs/runs-table.tsx'
import { reasonWords } from '../runs/run-words.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { PageHead } from '../ui/page-head.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { ExactTime } from '../ui/time.tsx'
import { BackfillsCard } from './backfills-card.tsx'
import { CodeNote } from './code-owner.tsx'
import { DefinitionCard } from './definition-card.tsx'
import { DetachButton } from './detach-button.tsx'
import { ExplainCard } from './explain-card.tsx'
import { JobActions } from './job-actions.tsx'
import classes from './job-page.module.css'
import { NextFiresCard } from './next-fires-card.tsx'
import { TrendsCard } from './trends-card.tsx'
import { VersionsCard } from './versions-card.tsx'

const RECENT = 25

/** One job: its recent runs, when it is due next, why it ran or did not, and its definition. */
export default function JobPage({ namespace, name }: { namespace: string; name: string }) {
  const { data: job, error } = api.useQuery('get', '/v1/namespaces/{namespace}/jobs/{job}', {
    params: { path: { namespace, job: name } },
  })
  if (job === undefined) return error === null ? <Skeleton height={320} /> : <ErrorNote error={error} />
  const { description } = job.definition
  return (
    <>
      <PageHead
        trail={[
          <Link key="jobs" to="/n/$ns" params={{ ns: namespace }}>
            Jobs
          </Link>,
        ]}
        title={job.name}
        name={job.name}
        badge={<StateBadge state={job.state} />}
        actions={<JobActions namespace={namespace} job={job} />}
      >
        {description !== undefined && description !== '' && <p className="dim">{description}</p>}
        <Labels labels={job.definition.labels ?? {}} />
      </PageHead>
      {job.fault !== undefined && (
        <Alert
          color="red"
          variant="light"
          icon={<IconShieldX size={16} aria-hidden />}
          title="Quarantined: it does not fire"
        >
          {job.fault}
        </Alert>
      )}
      {job.pausedWhy !== undefined && (
        <Alert
          color="orange"
          variant="light"
          icon={<IconPlayerPause size={16} aria-hidden />}
          title="Paused by itself: it does not fire"
        >
          {job.pausedWhy}
        </Alert>
      )}
      {job.warnings !== undefined && (
        <Alert
          color="orange"
          variant="light"
          icon={<IconAlertTriangle size={16} aria-hidden />}
          title="It does not fit what its handler says by now: it runs all the same"
        >
          <ul>
            {job.warnings.map(({ pointer, detail }) => (
              <li key={pointer + detail}>
                <code>{pointer}</code> {detail}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      <CodeNote owner={job.managedBy} action={<DetachButton namespace={namespace} job={job} />} />
      <div className={classes.layout}>
        <div className={classes.main}>
          <RecentRuns namespace={namespace} job={job} />
          <TrendsCard namespace={namespace} name={job.name} />
          <ExplainCard namespace={namespace} job={job} />
          <VersionsCard namespace={namespace} job={job} />
        </div>
        <div className={classes.side}>
          <NextFiresCard namespace={namespace} job={job} />
          <BackfillsCard namespace={namespace} job={job} />
          <DefinitionCard namespace={namespace} job={job} />
        </div>
      </div>
    </>
  )
}

function Labels({ labels }: { labels: Record<string, string> }) {
  const entries = Object.entries(labels)
  if (entries.length === 0) return null
  return (
    <ul className={classes.labels} aria-label="Labels">
      {entries.map(([key, value]) => (
        <li key={key}>
          {key}
          {value === '' ? '' : `: ${value}`}
        </li>
      ))}
    </ul>
  )
}

function RecentRuns({ namespace, job }: { namespace: string; job: Job }) {
  const { data, error } = api.useQuery('get', '/v1/namespaces/{namespace}/runs', {
    params: { path: { namespace }, query: { job: job.name, limit: RECENT } },
  })
  const { openStretch } = job
  return (
    <section className="card" aria-labelledby="recent-title">
      <div className="card-head">
        <h2 id="recent-title">Recent runs</h2>
        {job.failuresInARow > 0 && (
          <span className={classes.failures}>{formatCount(job.failuresInARow)} failed in a row</span>
        )}
      </div>
      {openStretch !== undefined && (
        <p className={classes.stretch}>
          <StateBadge state="skipped" /> {formatCount(openStretch.count)} {openStretch.count === 1 ? 'fire' : 'fires'}{' '}
          since <ExactTime at={openStretch.from} />: {reasonWords(openStretch.reason)}
        </p>
      )}
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
      {data?.items.length === 0 && <p className={classes.none}>It has not run yet.</p>}
      {data !== undefined && data.items.length > 0 && <RunsTable namespace={namespace} runs={data.items} />}
    </section>
  )
}
