import type { Stats } from '@cronclave/openapi'
import { useComputedColorScheme } from '@mantine/core'
import { lazy, useMemo } from 'react'
import classes from './charts.module.css'
import { fromStats } from './outcomes.ts'
import { trendOf } from './trends.ts'

const OutcomesChart = lazy(() => import('./outcomes-chart.tsx'))
const TrendChart = lazy(() => import('./trend-chart.tsx'))

/** Outcomes, and below them lateness and duration, over the same time. */
export function Charts({ stats, words }: { stats: Stats; words: string }) {
  const scheme = useComputedColorScheme('light')
  const outcomes = useMemo(() => fromStats(stats), [stats])
  const [lateness, duration] = useMemo(() => [trendOf(stats, 'lateness'), trendOf(stats, 'duration')], [stats])
  return (
    <div className={classes.charts}>
      <div className={classes.wide}>
        <OutcomesChart outcomes={outcomes} words={words} scheme={scheme} />
      </div>
      <TrendChart trend={lateness} name="Lateness" scheme={scheme} />
      <TrendChart trend={duration} name="Duration" scheme={scheme} />
    </div>
  )
}
