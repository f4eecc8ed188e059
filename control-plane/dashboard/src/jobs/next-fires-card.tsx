import type { Fire, Job } from '@cronclave/openapi'
import { Skeleton } from '@mantine/core'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatExact } from '../ui/format.ts'
import { Ago } from '../ui/time.tsx'
import classes from './next-fires-card.module.css'
import { ScheduleText } from './schedule-text.tsx'

const COUNT = 8

const MOVED: Record<NonNullable<Fire['moved']>, string> = {
  'gap-next': 'Clocks go forward: the first instant after the gap',
  'fold-first': 'Clocks go back: the first of the two',
  'fold-last': 'Clocks go back: the second of the two',
  'fold-both': 'Clocks go back: it fires in both',
}

/** When a job runs: its schedules, and its next fires in their zone, labelled where daylight saving moves one. */
export function NextFiresCard({ namespace, job }: { namespace: string; job: Job }) {
  const schedules = job.definition.schedules ?? []
  const zone = schedules[0]?.zone
  const { data, error } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/jobs/{job}/next',
    { params: { path: { namespace, job: job.name }, query: { count: COUNT } } },
    { enabled: schedules.length > 0 },
  )
  return (
    <section className="card" aria-labelledby="next-title">
      <div className="card-head">
        <h2 id="next-title">Schedule</h2>
      </div>
      <div className={classes.body}>
        <ScheduleText schedules={schedules} all />
        {error !== null && <ErrorNote error={error} />}
        {schedules.length > 0 && data === undefined && error === null && <Skeleton height={120} />}
        {data !== undefined && job.state === 'paused' && data.items.length > 0 && (
          <p className="dim">Paused: these fires will be recorded and not run.</p>
        )}
        {data !== undefined && data.items.length > 0 && (
          <ol className={classes.fires} aria-label="Next fires">
            {data.items.map((fire) => (
              <li key={fire.fireTime}>
                <span className="num">{formatExact(Date.parse(fire.fireTime), zone)}</span>
                <span className={classes.ago}>
                  <Ago at={fire.dueTime} />
                </span>
                {fire.moved !== undefined && <span className={classes.moved}>{MOVED[fire.moved]}</span>}
                {fire.skip !== undefined && (
                  <span className={classes.moved}>Skipped: that wall time does not exist</span>
                )}
              </li>
            ))}
          </ol>
        )}
        {data?.note !== undefined && <p className="dim">{data.note}</p>}
      </div>
    </section>
  )
}
