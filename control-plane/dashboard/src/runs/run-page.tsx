import type { Run } from '@cronclave/openapi'
import { Alert, Skeleton } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Facts } from '../ui/facts.tsx'
import { formatDuration } from '../ui/format.ts'
import { JsonBlock } from '../ui/json-block.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { ExactTime, Took } from '../ui/time.tsx'
import { AttemptsCard } from './attempts-card.tsx'
import { CancelButton } from './cancel-button.tsx'
import { ChainCard } from './chain-card.tsx'
import { LogCard } from './log-card.tsx'
import { RerunButtons } from './rerun-button.tsx'
import classes from './run-page.module.css'
import { causeWords, latenessWords, reasonWords } from './run-words.ts'
import { ShardsCard } from './shards-card.tsx'
import { TimelineCard } from './timeline-card.tsx'

/** One run: what came of it, every request that was made for it, and what its handlers said. */
export default function RunPage({ namespace, id }: { namespace: string; id: string }) {
  const { data: run, error } = api.useQuery('get', '/v1/namespaces/{namespace}/runs/{run}', {
    params: { path: { namespace, run: id } },
  })
  if (run === undefined) return error === null ? <Skeleton height={320} /> : <ErrorNote error={error} />
  const open = run.state === 'queued' || run.state === 'running'
  return (
    <>
      <PageHead
        trail={[
          <Link key="job" to="/n/$ns/jobs/$job" params={{ ns: namespace, job: run.job }}>
            {run.job}
          </Link>,
        ]}
        title={
          <>
            Run <code className={classes.id}>{run.id}</code>
          </>
        }
        name={`Run of ${run.job}`}
        badge={<StateBadge state={run.state} />}
        actions={
          open ? <CancelButton namespace={namespace} run={run} /> : <RerunButtons namespace={namespace} run={run} />
        }
      />
      {run.error !== undefined && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={16} aria-hidden />} title={run.error.message}>
          <code>{run.error.code}</code>
        </Alert>
      )}
      <div className={classes.layout}>
        <div className={classes.main}>
          {run.shardCounts !== undefined && <ShardsCard run={run} counts={run.shardCounts} />}
          <TimelineCard namespace={namespace} run={run} />
          <AttemptsCard namespace={namespace} run={id} open={open} />
          <LogCard namespace={namespace} run={id} open={open} />
        </div>
        <div className={classes.side}>
          <RunFacts namespace={namespace} run={run} />
          <ChainCard run={run} />
          {run.result !== undefined && (
            <section className="card" aria-labelledby="result-title">
              <div className="card-head">
                <h2 id="result-title">Result</h2>
              </div>
              <div className="card-body">
                <JsonBlock label="Result" value={run.result} />
              </div>
            </section>
          )}
          <section className="card" aria-labelledby="params-title">
            <div className="card-head">
              <h2 id="params-title">Parameters</h2>
            </div>
            <div className="card-body">
              <JsonBlock label="Parameters" value={run.params ?? {}} />
            </div>
          </section>
        </div>
      </div>
    </>
  )
}

function RunFacts({ namespace, run }: { namespace: string; run: Run }) {
  const jitterMs = Date.parse(run.dueTime) - Date.parse(run.fireTime)
  return (
    <section className="card" aria-labelledby="facts-title">
      <div className="card-head">
        <h2 id="facts-title">Facts</h2>
      </div>
      <div className="card-body">
        <Facts
          rows={[
            ['Cause', causeWords(run.cause)],
            ['Asked for by', run.requestedBy],
            ['Fire time', <ExactTime key="fire" at={run.fireTime} />],
            ['Jitter', jitterMs > 0 ? formatDuration(jitterMs) : undefined],
            ['Started', run.startedAt && <ExactTime at={run.startedAt} />],
            ['Lateness', latenessWords(run)],
            ['Ended', run.endedAt && <ExactTime at={run.endedAt} />],
            ['Duration', run.startedAt && <Took from={run.startedAt} to={run.endedAt} />],
            ['Executor', run.executor],
            ['Reason', run.reason && reasonWords(run.reason)],
            [
              'Went into',
              run.into && (
                <Link className={classes.link} to="/n/$ns/runs/$run" params={{ ns: namespace, run: run.into }}>
                  {run.into}
                </Link>
              ),
            ],
            ['Schedule id', run.schedules.filter((id) => id !== '0').join(', ')],
            ['Definition', `version ${run.jobVersion}`],
            ['Read from', run.source?.startsWith('sink:') && `sink ${run.source.slice('sink:'.length)}`],
          ]}
        />
      </div>
    </section>
  )
}
