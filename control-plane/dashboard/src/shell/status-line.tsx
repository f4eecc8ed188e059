import { api } from '../api/client.ts'
import { useServerIndex } from '../api/server-index.ts'
import { useConnection } from '../live/live.tsx'
import { ConnectionMark } from '../runs/connection-mark.tsx'
import { formatCount, zoneName } from '../ui/format.ts'
import { now } from '../ui/clock.ts'
import classes from './status-line.module.css'

const REFRESH_MS = 5_000

/** Which node answers, what it is, how far its log has come, and whether events arrive. */
export function StatusLine() {
  const connection = useConnection()
  const index = useServerIndex()
  const { data: session } = api.useQuery('get', '/v1/session')
  const whole = session?.scope === 'admin' || session?.scope === 'read'
  const { data: status, error } = api.useQuery('get', '/v1/status', {}, { enabled: whole, refetchInterval: REFRESH_MS })
  const { data: version } = api.useQuery('get', '/version', {}, { enabled: session !== undefined && !whole })
  return (
    <footer className={classes.line}>
      <ConnectionMark connection={error === null ? connection : 'waiting'} />
      {status !== undefined && (
        <span>
          {status.node}
          {status.role !== 'none' && `, ${status.role}`}
        </span>
      )}
      <span>Cronclave {status?.version ?? version?.version ?? ''}</span>
      <span className="num" title="The newest log index that a reply reflected">
        Index {index.toLocaleString('en-GB')}
      </span>
      {status !== undefined && (
        <span className={`num ${classes.wide}`}>
          {formatCount(status.counts.jobs)} jobs, {formatCount(status.counts.executors)} executors
        </span>
      )}
      <span className={classes.end}>
        {session !== undefined && <span className={classes.wide}>{session.principal}</span>}
        <span>Times in {zoneName(now())}</span>
      </span>
    </footer>
  )
}
