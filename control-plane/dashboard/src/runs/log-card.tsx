import type { LogLine } from '@cronclave/openapi'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatClock, formatExact, zoneName } from '../ui/format.ts'
import classes from './log-card.module.css'

const LINES = 500
const REFRESH_MS = 2_000

/** The lines that the handlers of a run logged. */
export function LogCard({ namespace, run, open }: { namespace: string; run: string; open: boolean }) {
  const { data, error } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/runs/{run}/logs',
    { params: { path: { namespace, run }, query: { limit: LINES } } },
    { refetchInterval: open ? REFRESH_MS : false },
  )
  const first = data?.items[0]
  return (
    <section className="card" aria-labelledby="log-title">
      <div className="card-head">
        <h2 id="log-title">Log</h2>
        {first !== undefined && <span className="dim">Times in {zoneName(Date.parse(first.at))}</span>}
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data?.items.length === 0 && (
        <p className={classes.none}>{open ? 'Nothing logged so far.' : 'Its handler logged nothing.'}</p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ol className={classes.lines} tabIndex={0} aria-label="Log lines">
          {data.items.map((line, index) => (
            <Line key={`${line.attempt} ${index}`} line={line} />
          ))}
        </ol>
      )}
      {data?.nextCursor !== undefined && <p className={classes.none}>The first {LINES} lines. The API has the rest.</p>}
    </section>
  )
}

function Line({ line }: { line: LogLine }) {
  return (
    <li data-level={line.level}>
      <time className={classes.at} dateTime={line.at} title={formatExact(Date.parse(line.at))}>
        {formatClock(Date.parse(line.at))}
      </time>
      <span className={classes.level}>{line.level}</span>
      <span className={classes.message}>{line.message}</span>
    </li>
  )
}
