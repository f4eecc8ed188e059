import type { Run } from '@cronclave/openapi'
import { Switch, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useConnection, useLiveRuns } from '../live/live.tsx'
import { formatClock, formatExact, zoneName } from '../ui/format.ts'
import { now } from '../ui/clock.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Took } from '../ui/time.tsx'
import { ConnectionMark } from './connection-mark.tsx'
import classes from './run-feed.module.css'
import { latenessWords, reasonWords } from './run-words.ts'

const SHOWN = 60

/** Runs as they happen, the newest start first; it can be held still to read it. */
export function RunFeed({ namespace }: { namespace: string }) {
  const { runs } = useLiveRuns()
  const connection = useConnection()
  const [held, setHeld] = useState<readonly Run[] | undefined>(undefined)
  const shown = (held ?? runs).slice(0, SHOWN)
  return (
    <section className="card" aria-labelledby="feed-title">
      <div className="card-head">
        <h2 id="feed-title">Live runs</h2>
        <ConnectionMark connection={connection} />
        <Switch
          className="push"
          size="xs"
          label="Follow"
          checked={held === undefined}
          onChange={(event) => setHeld(event.currentTarget.checked ? undefined : runs)}
        />
      </div>
      {shown.length === 0 ? (
        <p className={classes.none}>
          {connection === 'open' ? 'Nothing has run yet. The next run appears here by itself.' : 'Not connected yet.'}
        </p>
      ) : (
        <>
          <ol className={classes.feed} aria-label="Recent runs" tabIndex={0}>
            {shown.map((run) => (
              <FeedRow key={run.id} namespace={namespace} run={run} />
            ))}
          </ol>
          <div className={classes.foot}>
            <Link to="/n/$ns/runs" params={{ ns: namespace }}>
              All runs
            </Link>
            <span>Times in {zoneName(now())}</span>
          </div>
        </>
      )}
    </section>
  )
}

function FeedRow({ namespace, run }: { namespace: string; run: Run }) {
  const at = Date.parse(run.startedAt ?? run.endedAt ?? run.createdAt)
  const details = [run.reason === undefined ? latenessWords(run) : reasonWords(run.reason), run.error?.message]
  return (
    <li>
      <Link to="/n/$ns/runs/$run" params={{ ns: namespace, run: run.id }} className={classes.row} data-run={run.id}>
        <StateBadge state={run.state} iconOnly />
        <span className={classes.job}>{run.job}</span>
        <span className={classes.took}>
          {run.state === 'queued' || run.state === 'skipped' ? (
            <StateWord state={run.state} />
          ) : (
            <Took from={run.startedAt} to={run.endedAt} />
          )}
        </span>
        <span className={classes.details}>
          {details.filter((part) => part !== undefined).join(' · ') || ' '}
          {run.cause !== 'schedule' && <span className={classes.cause}>{run.cause}</span>}
        </span>
        <Tooltip label={formatExact(at)} openDelay={300}>
          <time className={`num ${classes.at}`} dateTime={new Date(at).toISOString()}>
            {formatClock(at)}
          </time>
        </Tooltip>
      </Link>
    </li>
  )
}

function StateWord({ state }: { state: string }) {
  return <span className="dim">{state}</span>
}
