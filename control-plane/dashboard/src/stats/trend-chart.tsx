import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatDuration, formatExact } from '../ui/format.ts'
import { timeIncrements, timeLabels } from './chart-axis.ts'
import { newest, type Trend } from './trends.ts'
import classes from './trend-chart.module.css'

const HEIGHT = 132

/** Half and most of a figure over time, as two lines; the dashed one is the 95th percentile. */
export default function TrendChart({ trend, name, scheme }: { trend: Trend; name: string; scheme: string }) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [pointed, setPointed] = useState<number | undefined>(undefined)
  const stepMs = (trend.at[1] ?? 0) - (trend.at[0] ?? 0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot is made anew when the colours or the step change
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = new uPlot(options(element.clientWidth, stepMs, setPointed), dataOf(trend), element)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [scheme, stepMs])
  useEffect(() => plot.current?.setData(dataOf(trend)), [trend])
  const half = pointed === undefined ? newest(trend.p50) : trend.p50[pointed]
  const most = pointed === undefined ? newest(trend.p95) : trend.p95[pointed]
  const at = pointed === undefined ? undefined : trend.at[pointed]
  const summary = `p50 ${wordsOf(half)}, p95 ${wordsOf(most)}`
  return (
    <figure className={classes.figure} aria-label={`${name}, newest: ${summary}`}>
      <figcaption className={classes.caption}>
        <b>{name}</b>
        <span className={classes.entry}>
          <span className={classes.line} data-line="p50" aria-hidden />
          p50 <b className="num">{wordsOf(half)}</b>
        </span>
        <span className={classes.entry}>
          <span className={classes.line} data-line="p95" aria-hidden />
          p95 <b className="num">{wordsOf(most)}</b>
        </span>
        <span className={classes.when}>{at === undefined ? 'newest' : formatExact(at)}</span>
      </figcaption>
      <div ref={host} className={classes.plot} role="presentation" />
    </figure>
  )
}

function wordsOf(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : formatDuration(ms)
}

function dataOf({ at, p50, p95 }: Trend): uPlot.AlignedData {
  return [at.map((ms) => ms / 1000), [...p50], [...p95]]
}

function options(width: number, stepMs: number, onPoint: (index: number | undefined) => void): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const font = '11px "Inter Variable", system-ui, sans-serif'
  const line = { width: 1.75, points: { size: 4 } }
  return {
    width,
    height: HEIGHT,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false, x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(10, (max ?? 0) * 1.1)] } },
    axes: [
      {
        stroke: colour('--text-dim'),
        font,
        size: 26,
        gap: 6,
        grid: { show: false },
        ticks: { show: false },
        space: 72,
        incrs: timeIncrements(stepMs),
        values: timeLabels(false),
      },
      {
        stroke: colour('--text-dim'),
        font,
        size: 58,
        gap: 6,
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
        space: 32,
        values: (_plot, splits) => splits.map((ms) => formatDuration(ms)),
      },
    ],
    series: [{}, { ...line, stroke: colour('--run-mark') }, { ...line, stroke: colour('--slow-mark'), dash: [6, 4] }],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)] },
  }
}
