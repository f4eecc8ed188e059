import { useIntersection } from '@mantine/hooks'
import { keepPreviousData } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { now } from '../ui/clock.ts'
import { formatCount, formatShare } from '../ui/format.ts'
import { fromStats, judged, statsQuery, total } from '../stats/outcomes.ts'
import classes from './success-spark.module.css'

const WIDTH = 84
const HEIGHT = 20
const HOURS = 24
const REFRESH_MS = 15_000

/** The share of successes in the last 24 hours, with a bar for each hour; read only while it is in view. */
export function SuccessSpark({ namespace, job }: { namespace: string; job: string }) {
  const { ref, entry } = useIntersection({ rootMargin: '200px' })
  const { data } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/jobs/{job}/stats',
    { params: { path: { namespace, job }, query: statsQuery('day', now()) } },
    { enabled: entry?.isIntersecting === true, refetchInterval: REFRESH_MS, placeholderData: keepPreviousData },
  )
  const points = data === undefined ? [] : fromStats(data).points.slice(-HOURS)
  const counts = total(points)
  const runs = judged(counts)
  const bad = runs - counts.succeeded
  const most = Math.max(1, ...points.map((point) => judged(point.counts)))
  const title = runs === 0 ? 'No run ended' : `${formatCount(runs)} ended, ${formatCount(bad)} without success`
  return (
    <span ref={ref} className={classes.spark} title={title}>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={classes.base} />
        {points.map((point, index) => {
          const all = judged(point.counts)
          const ok = (point.counts.succeeded / most) * (HEIGHT - 2)
          const failed = ((all - point.counts.succeeded) / most) * (HEIGHT - 2)
          const x = (index * WIDTH) / HOURS
          return (
            <g key={point.at}>
              <rect x={x} y={HEIGHT - 1 - ok} width={2.5} height={ok} className={classes.ok} />
              {failed > 0 && (
                <rect
                  x={x}
                  y={HEIGHT - 1 - ok - Math.max(2, failed)}
                  width={2.5}
                  height={Math.max(2, failed)}
                  className={classes.bad}
                />
              )}
            </g>
          )
        })}
      </svg>
      <span className={`num ${classes.share}`}>{formatShare(counts.succeeded, runs)}</span>
    </span>
  )
}
