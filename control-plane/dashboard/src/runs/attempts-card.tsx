import type { Attempt } from '@cronclave/openapi'
import { Skeleton } from '@mantine/core'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago, Took } from '../ui/time.tsx'
import classes from './attempts-card.module.css'

const REFRESH_MS = 2_000
/** The first of them; a run of more parts shows the others part by part. */
const ATTEMPTS_SHOWN = 500

const NEXT: Record<NonNullable<Attempt['next']>, string> = {
  done: 'Final',
  retry: 'Retried',
  failover: 'Moved to another executor',
  redispatch: 'Asked again',
  queued: 'Back in the queue',
}

/** The first attempts of a run, read again while it is open. */
export function useAttempts(namespace: string, run: string, open: boolean) {
  return api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/runs/{run}/attempts',
    { params: { path: { namespace, run }, query: { limit: ATTEMPTS_SHOWN } } },
    { refetchInterval: open ? REFRESH_MS : false },
  )
}

/** The requests that were made for a run, by part and in the order of their start. */
export function AttemptsCard({ namespace, run, open }: { namespace: string; run: string; open: boolean }) {
  const { data, error } = useAttempts(namespace, run, open)
  return (
    <section className="card" aria-labelledby="attempts-title">
      <div className="card-head">
        <h2 id="attempts-title">Attempts</h2>
        {data !== undefined && data.items.length > 0 && (
          <span className="dim num">
            {data.nextCursor === undefined ? data.items.length : `the first ${data.items.length}`}
          </span>
        )}
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data === undefined && error === null && (
        <div className="card-body">
          <Skeleton height={60} />
        </div>
      )}
      {data?.items.length === 0 && <p className={classes.none}>No request was made.</p>}
      {data !== undefined && data.items.length > 0 && <AttemptTable attempts={data.items} />}
    </section>
  )
}

function AttemptTable({ attempts }: { attempts: readonly Attempt[] }) {
  const sharded = attempts.some((attempt) => attempt.shard > 0)
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          {sharded && <th scope="col">Shard</th>}
          <th scope="col">Executor</th>
          <th scope="col">Started</th>
          <th scope="col">Took</th>
          <th scope="col">HTTP</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <tr key={attempt.id}>
            <td data-label="Outcome">
              <div className={classes.outcome}>
                <StateBadge state={attempt.outcome ?? attempt.state} />
                {attempt.error !== undefined && (
                  <span className={classes.error}>
                    {attempt.error.message} <code>{attempt.error.code}</code>
                  </span>
                )}
                {attempt.progress !== undefined && attempt.outcome === undefined && (
                  <span className="dim num">
                    {attempt.progress.done}
                    {attempt.progress.total !== undefined && ` of ${attempt.progress.total}`} {attempt.progress.note}
                  </span>
                )}
              </div>
            </td>
            {sharded && (
              <td data-label="Shard" className="num">
                {attempt.shard}
              </td>
            )}
            <td data-label="Executor">
              {attempt.executor === '-' ? <span className="dim">its own URL</span> : attempt.executor}
            </td>
            <td data-label="Started">
              <Ago at={attempt.startedAt} />
            </td>
            <td data-label="Took">
              <Took from={attempt.startedAt} to={attempt.endedAt} />
            </td>
            <td data-label="HTTP" className="num">
              {attempt.status ?? <span className="dim">–</span>}
            </td>
            <td data-label="Then">
              {attempt.next === undefined ? <span className="dim">–</span> : NEXT[attempt.next]}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
