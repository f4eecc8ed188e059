import type { Run } from '@cronclave/openapi'
import { Link } from '@tanstack/react-router'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago, Took } from '../ui/time.tsx'
import { causeWords, latenessWords, reasonWords } from './run-words.ts'
import classes from './runs-table.module.css'

/** Runs in a table; the job's name only where runs of several jobs are shown. */
export function RunsTable({
  namespace,
  runs,
  withJob = false,
}: {
  namespace: string
  runs: readonly Run[]
  withJob?: boolean
}) {
  return (
    <table className={`table ${classes.runs}`}>
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          {withJob && <th scope="col">Job</th>}
          <th scope="col">Fire time</th>
          <th scope="col">Cause</th>
          <th scope="col">Lateness</th>
          <th scope="col">Duration</th>
          <th scope="col">Detail</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td className={classes.outcome}>
              <Link to="/n/$ns/runs/$run" params={{ ns: namespace, run: run.id }}>
                <StateBadge state={run.state} />
              </Link>
            </td>
            {withJob && (
              <td className={classes.name}>
                <Link to="/n/$ns/jobs/$job" params={{ ns: namespace, job: run.job }} className={classes.job}>
                  {run.job}
                </Link>
              </td>
            )}
            <td className={classes.at}>
              <Ago at={run.fireTime} />
            </td>
            <td className={classes.wide}>{causeWords(run.cause)}</td>
            <td className={`num nowrap ${classes.wide}`}>{latenessWords(run) ?? <span className="dim">–</span>}</td>
            <td className={classes.took}>
              {run.state === 'queued' || run.state === 'skipped' ? (
                <span className="dim">–</span>
              ) : (
                <Took from={run.startedAt} to={run.endedAt} />
              )}
            </td>
            <td className={classes.detail}>
              <Detail run={run} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Detail({ run }: { run: Run }) {
  if (run.error !== undefined) return <span title={run.error.message}>{run.error.message}</span>
  if (run.reason !== undefined) return <span>{reasonWords(run.reason)}</span>
  if (run.attempts > 1) return <span>{run.attempts} attempts</span>
  return <span className="dim">{run.executor ?? '–'}</span>
}
