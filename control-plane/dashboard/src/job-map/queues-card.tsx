import type { Queues } from '@cronclave/openapi'
import { Skeleton } from '@mantine/core'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount, formatShare } from '../ui/format.ts'
import { Ago } from '../ui/time.tsx'
import classes from './queues-card.module.css'

const REFRESH_MS = 2_000
/** Lines of waiting runs shown. */
const LINES = 12

/** What the leader has to schedule, which nodes work on it, and which runs wait: for those who may see the cluster. */
export function QueuesCard() {
  const { data: session } = api.useQuery('get', '/v1/session')
  const sees = session?.scope === 'admin' || session?.scope === 'read'
  const { data, error } = api.useQuery('get', '/v1/queues', {}, { enabled: sees, refetchInterval: REFRESH_MS })
  if (!sees) return null
  return (
    <section className="card" aria-labelledby="queues-title">
      <div className="card-head">
        <h2 id="queues-title">Queues</h2>
        {data !== undefined && <span className="dim">{data.leader} leads</span>}
      </div>
      <div className={classes.body}>
        {error !== null && <ErrorNote error={error} />}
        {data === undefined && error === null && <Skeleton height={120} />}
        {data !== undefined && (
          <>
            <Evaluations evaluations={data.evaluations} />
            <Workers nodes={data.nodes} />
            <Waiting waiting={data.waiting} perSecond={data.catchUpPerSecond} />
          </>
        )}
      </div>
    </section>
  )
}

function Evaluations({ evaluations }: Pick<Queues, 'evaluations'>) {
  const present = evaluations.filter(({ count }) => count > 0)
  return (
    <div>
      <h3>To be placed</h3>
      {present.length === 0 && <p className="dim">Nothing.</p>}
      <ul className={classes.list}>
        {present.map(({ kind, state, count, oldestAt }) => (
          <li key={`${kind} ${state}`}>
            <span>
              {kind}, {state}
            </span>
            <span className="num">
              {formatCount(count)}
              {oldestAt !== undefined && (
                <>
                  , the first <Ago at={oldestAt} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Workers({ nodes }: Pick<Queues, 'nodes'>) {
  if (nodes.length === 0) return null
  return (
    <table className={classes.workers}>
      <caption>Workers, since the leader took office</caption>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Has</th>
          <th scope="col">Placed</th>
          <th scope="col">Refused</th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ node, workers, out, placed, refused }) => (
          <tr key={node}>
            <th scope="row">
              {node} <span className="dim">× {workers}</span>
            </th>
            <td className="num">{formatCount(out)}</td>
            <td className="num">{formatCount(placed)}</td>
            <td className="num">{formatShare(refused, placed + refused)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Waiting({ waiting, perSecond }: { waiting: Queues['waiting']; perSecond: number }) {
  const catchUp = waiting.reduce((sum, line) => sum + line.catchUp, 0)
  return (
    <div>
      <h3>Waiting runs</h3>
      {waiting.length === 0 && <p className="dim">None.</p>}
      <ul className={classes.list}>
        {waiting.slice(0, LINES).map(({ namespace, service, priority, runs, oldestAt }) => (
          <li key={`${namespace} ${service ?? '-'} ${priority}`}>
            <span>
              {namespace}/{service ?? 'own URL'} <span className="dim">priority {priority}</span>
            </span>
            <span className="num">
              {formatCount(runs)}, the first <Ago at={oldestAt} />
            </span>
          </li>
        ))}
      </ul>
      {waiting.length > LINES && <p className="dim">And {waiting.length - LINES} more.</p>}
      {catchUp > 0 && (
        <p className="dim">
          {formatCount(catchUp)} make up for missed fires, at most {formatCount(perSecond)} in a second.
        </p>
      )}
    </div>
  )
}
