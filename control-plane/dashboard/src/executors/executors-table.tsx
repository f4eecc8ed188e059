import type { Executor } from '@cronclave/openapi'
import { formatCount } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import classes from './executors.module.css'
import { heardOf, isFarOff, PULL, PULL_WORDS, skewWords } from './executor-words.ts'

/** Executors, one a row. */
export function ExecutorsTable({ executors }: { executors: readonly Executor[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Executor</th>
          <th scope="col">State</th>
          <th scope="col">Slots</th>
          <th scope="col">In flight</th>
          <th scope="col">Weight</th>
          <th scope="col">Revision</th>
          <th scope="col">Last heartbeat</th>
          <th scope="col">Clock</th>
        </tr>
      </thead>
      <tbody>
        {executors.map((executor) => (
          <Row key={executor.id} executor={executor} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ executor }: { executor: Executor }) {
  const { id, kind, url, status, openUntil, health, held, slots, weight, revision, heartbeat, manifest } = executor
  const skewMs = heartbeat?.clockSkewMs
  return (
    <tr>
      <td data-label="Executor">
        <div className={classes.lines}>
          <span>
            <strong className={classes.name}>{id}</strong>
            <span className="dim"> {kind === 'static' ? 'listed' : 'registered'}</span>
          </span>
          {url === PULL ? <span className="dim">{PULL_WORDS}</span> : <span className="dim mono">{url}</span>}
          {manifest?.errors?.map(({ pointer, detail }) => (
            <span key={pointer + detail} className={classes.off}>
              <code>{pointer}</code> {detail}
            </span>
          ))}
        </div>
      </td>
      <td data-label="State">
        <div className={classes.badges}>
          <StateBadge state={status} />
          {openUntil !== undefined && <StateBadge state="breaker-open" />}
          {health !== undefined && <StateBadge state={health} />}
          {manifest?.status === 'manifest-refused' && <StateBadge state="manifest-refused" />}
        </div>
      </td>
      <td data-label="Slots" className="num nowrap">
        {slots === 0 ? `${formatCount(held)}, no limit` : `${formatCount(held)} of ${formatCount(slots)}`}
      </td>
      <td data-label="In flight" className="num">
        {heartbeat === undefined ? '–' : formatCount(heartbeat.inFlight)}
      </td>
      <td data-label="Weight" className="num">
        {formatCount(weight)}
      </td>
      <td data-label="Revision" className="mono">
        {revision ?? '–'}
      </td>
      <td data-label="Last heartbeat" className="nowrap">
        {heartbeat === undefined ? heardOf(executor) : <Ago at={heartbeat.at} />}
      </td>
      <td data-label="Clock" className={skewMs !== undefined && isFarOff(skewMs) ? classes.off : 'num nowrap'}>
        {skewMs === undefined ? '–' : skewWords(skewMs)}
      </td>
    </tr>
  )
}
