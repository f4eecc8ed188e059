import type { Job } from '@cronclave/openapi'
import { Skeleton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useLiveRuns } from '../live/live.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago, Took } from '../ui/time.tsx'
import { ownerWords } from './code-owner.tsx'
import { JobActions } from './job-actions.tsx'
import classes from './jobs-table.module.css'
import { NextFire } from './next-fire.tsx'
import { ScheduleText } from './schedule-text.tsx'
import { SuccessSpark } from './success-spark.tsx'

export type JobSort = 'name' | '-name' | 'next' | '-next'

interface Props {
  namespace: string
  /** Absent while they are read for the first time. */
  jobs: readonly Job[] | undefined
  sort: JobSort
  onSort(sort: JobSort): void
}

/** One row for each job: when it runs, how its last run went, and what can be done. */
export function JobsTable({ namespace, jobs, sort, onSort }: Props) {
  return (
    <table className={`table ${classes.table}`}>
      <thead>
        <tr>
          <SortHead name="Job" by="name" sort={sort} onSort={onSort} />
          <th scope="col">Schedule</th>
          <SortHead name="Next run" by="next" sort={sort} onSort={onSort} />
          <th scope="col">Last run</th>
          <th scope="col">Last 24 h</th>
          <th scope="col">
            <span className={classes.hidden}>Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs === undefined
          ? [1, 2, 3].map((row) => (
              <tr key={row}>
                <td colSpan={6}>
                  <Skeleton height={22} />
                </td>
              </tr>
            ))
          : jobs.map((job) => <JobRow key={job.uid} namespace={namespace} job={job} />)}
      </tbody>
    </table>
  )
}

function SortHead({ name, by, sort, onSort }: { name: string; by: 'name' | 'next' } & Pick<Props, 'sort' | 'onSort'>) {
  const direction = sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none'
  const Arrow = direction === 'descending' ? IconArrowDown : IconArrowUp
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" className={classes.sort} onClick={() => onSort(direction === 'ascending' ? `-${by}` : by)}>
        {name}
        {direction !== 'none' && <Arrow size={12} aria-hidden />}
      </button>
    </th>
  )
}

function JobRow({ namespace, job }: { namespace: string; job: Job }) {
  const { definition } = job
  return (
    <tr>
      <td className={classes.job}>
        <div>
          <Link to="/n/$ns/jobs/$job" params={{ ns: namespace, job: job.name }} className={classes.name}>
            {job.name}
          </Link>
          {job.state !== 'active' && <StateBadge state={job.state} />}
          {job.managedBy?.status === 'absent-from-code' && <StateBadge state="absent-from-code" />}
        </div>
        {definition.description !== undefined && definition.description !== '' && (
          <p className={classes.description}>{definition.description}</p>
        )}
        {job.managedBy?.status === 'in-code' && <p className={classes.description}>{ownerWords(job.managedBy)}</p>}
      </td>
      <td data-label="Schedule">
        <ScheduleText schedules={definition.schedules ?? []} />
      </td>
      <td data-label="Next run">
        <NextFire job={job} />
      </td>
      <td data-label="Last run">
        <LastRun namespace={namespace} job={job} />
      </td>
      <td data-label="Last 24 h">
        <SuccessSpark namespace={namespace} job={job.name} />
      </td>
      <td className={classes.actions}>
        <JobActions namespace={namespace} job={job} compact />
      </td>
    </tr>
  )
}

function LastRun({ namespace, job }: { namespace: string; job: Job }) {
  const { runs } = useLiveRuns()
  const open = runs.find((run) => run.job === job.name && run.state === 'running')
  const { lastRun } = job
  if (open !== undefined) {
    return (
      <Link to="/n/$ns/runs/$run" params={{ ns: namespace, run: open.id }} className={classes.last}>
        <StateBadge state="running" />
        <span className="dim">
          <Took from={open.startedAt} />
        </span>
      </Link>
    )
  }
  if (lastRun === undefined) return <span className="dim">Never</span>
  const known = runs.find((run) => run.id === lastRun.id)
  return (
    <span className={classes.last}>
      <Link to="/n/$ns/runs/$run" params={{ ns: namespace, run: lastRun.id }}>
        <StateBadge state={lastRun.state} />
      </Link>
      <span className="dim">
        <Ago at={lastRun.at} />
        {known?.startedAt !== undefined && known.endedAt !== undefined && (
          <>
            {' · '}
            <Took from={known.startedAt} to={known.endedAt} />
          </>
        )}
      </span>
    </span>
  )
}
