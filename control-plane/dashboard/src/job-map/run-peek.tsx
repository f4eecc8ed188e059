import { Link } from '@tanstack/react-router'
import { Facts } from '../ui/facts.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago, Took } from '../ui/time.tsx'
import type { Peeked } from './map-words.ts'
import classes from './run-peek.module.css'

/** What is known of the run that is pointed at or chosen. */
export function RunPeek({ peeked, gone }: { peeked: Peeked | undefined; gone: boolean }) {
  return (
    <section className={`card ${classes.peek}`} aria-labelledby="peek-title">
      <div className="card-head">
        <h2 id="peek-title">Run</h2>
        {peeked !== undefined && !gone && <StateBadge state={peeked.run.state} />}
        {peeked !== undefined && gone && <span className="dim">not open any more</span>}
      </div>
      {peeked === undefined ? (
        <p className={classes.hint}>Point at a square, or reach it with Tab and the arrow keys. Enter opens the run.</p>
      ) : (
        <Known {...peeked} />
      )}
    </section>
  )
}

function Known({ run, namespace, executor }: Peeked) {
  const waits = run.state === 'waiting'
  return (
    <div className="card-body">
      <Facts
        rows={[
          [
            'Job',
            <Link key="job" className={classes.link} to="/n/$ns/jobs/$job" params={{ ns: namespace, job: run.job }}>
              {run.job}
            </Link>,
          ],
          [
            'Run',
            <Link key="run" className={classes.link} to="/n/$ns/runs/$run" params={{ ns: namespace, run: run.run }}>
              {run.run}
            </Link>,
          ],
          ['Shard', run.shard === undefined ? undefined : `${run.shard} (of ${run.shards ?? 1})`],
          ['Executor', executor === '-' ? 'its own URL' : executor],
          [waits ? 'Waits for' : 'Runs for', <Took key="took" from={run.since} />],
          ['Attempts', run.attempts],
          ['Next attempt', run.retryAt && <Ago at={run.retryAt} />],
          ['Priority', run.priority],
        ]}
      />
    </div>
  )
}
