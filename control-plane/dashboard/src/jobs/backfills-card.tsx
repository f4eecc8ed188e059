import type { Backfill, Job } from '@cronclave/openapi'
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { notifyError } from '../ui/notify.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago, ExactTime } from '../ui/time.tsx'
import classes from './backfills-card.module.css'

const BackfillModal = lazy(() => import('./backfill-modal.tsx'))

const SHOWN = 5
const LIST = '/v1/namespaces/{namespace}/jobs/{job}/backfills'

/** Past ranges that are, or were, run again; and the way to ask for one. */
export function BackfillsCard({ namespace, job }: { namespace: string; job: Job }) {
  const [opened, setOpened] = useState(false)
  const { data, error } = api.useQuery('get', LIST, {
    params: { path: { namespace, job: job.name }, query: { limit: SHOWN } },
  })
  const hasSchedules = (job.definition.schedules ?? []).length > 0
  if (!hasSchedules && data?.items.length === 0) return null
  return (
    <section className="card" aria-labelledby="backfills-title">
      <div className="card-head">
        <h2 id="backfills-title">Backfills</h2>
        <Button className="push" size="xs" variant="default" disabled={!hasSchedules} onClick={() => setOpened(true)}>
          Run a past range
        </Button>
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data?.items.length === 0 && <p className={classes.none}>None that is remembered.</p>}
      <ul className={classes.list}>
        {data?.items.map((backfill) => (
          <One key={backfill.id} namespace={namespace} backfill={backfill} />
        ))}
      </ul>
      {opened && (
        <Suspense fallback={null}>
          <BackfillModal namespace={namespace} job={job} opened={opened} onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </section>
  )
}

function One({ namespace, backfill }: { namespace: string; backfill: Backfill }) {
  const queries = useQueryClient()
  const cancel = api.useMutation('delete', '/v1/namespaces/{namespace}/jobs/{job}/backfills/{backfill}', {
    onError: notifyError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', LIST] }),
  })
  const { id, job, from, to, state, total, waiting, open, createdBy, createdAt } = backfill
  const ended = total - waiting - open
  return (
    <li>
      <div className={classes.line}>
        <StateBadge state={state === 'done' ? 'ended' : state === 'active' ? 'running' : state} />
        <span className="num">
          {formatCount(ended)} of {formatCount(total)}
        </span>
        {state === 'active' && (
          <Button
            size="compact-xs"
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ params: { path: { namespace, job, backfill: id } } })}
          >
            Cancel
          </Button>
        )}
      </div>
      <progress className={classes.progress} value={ended} max={Math.max(1, total)} aria-label="Runs that have ended" />
      <p className="dim">
        <ExactTime at={from} /> to <ExactTime at={to} />, by {createdBy} <Ago at={createdAt} />
      </p>
    </li>
  )
}
