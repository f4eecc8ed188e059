import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { ENDED_STATES, type EndedState } from '../live/live-runs.ts'
import { formatCount, formatExact, zoneName } from '../ui/format.ts'
import { stateWord } from '../ui/state-badge.tsx'
import { type Outcomes, stack, total } from './outcomes.ts'
import classes from './outcomes-chart.module.css'
import { timeIncrements, timeLabels } from './chart-axis.ts'
import { fillOf } from './chart-fill.ts'

const HEIGHT = 176

/** Ended runs over time, stacked by state; states that need attention are hatched as well as coloured. */
export default function OutcomesChart({
  outcomes,
  words,
  scheme,
}: {
  outcomes: Outcomes
  words: string
  scheme: string
}) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [pointed, setPointed] = useState<number | undefined>(undefined)
  const { stepMs, utc = false } = outcomes
  // biome-ignore lint/correctness/useExhaustiveDependencies: the plot is made anew when the colours or the step change
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = new uPlot(options(element.clientWidth, stepMs, utc, setPointed), dataOf(outcomes), element)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [scheme, stepMs, utc])
  useEffect(() => plot.current?.setData(dataOf(outcomes)), [outcomes])
  const point = pointed === undefined ? undefined : outcomes.points[pointed]
  const counts = point?.counts ?? total(outcomes.points)
  const summary = ENDED_STATES.map((state) => `${stateWord(state)} ${counts[state]}`).join(', ')
  return (
    <figure className={classes.figure} aria-label={`Runs by outcome over ${words}. ${summary}.`}>
      <div ref={host} className={classes.plot} role="presentation" />
      <figcaption className={classes.legend}>
        {LEGEND.filter((state) => counts[state] > 0 || state === 'succeeded' || state === 'failed').map((state) => (
          <span key={state} className={classes.entry}>
            <span className={classes.mark} data-state={state} aria-hidden />
            {stateWord(state)} <b className="num">{formatCount(counts[state])}</b>
          </span>
        ))}
        <span className={classes.when}>
          {point === undefined
            ? `In ${words}, ${zoneOf(outcomes)}`
            : `From ${formatExact(point.at, utc ? 'UTC' : undefined)}`}
        </span>
      </figcaption>
    </figure>
  )
}

const LEGEND: readonly EndedState[] = ['succeeded', 'failed', 'timed-out', 'lost', 'cancelled', 'skipped']

function zoneOf({ utc, points }: Outcomes): string {
  return utc ? 'UTC' : zoneName(points.at(-1)?.at ?? 0)
}

/** The last stacked series is the tallest, so it is drawn first. */
function dataOf({ points }: Outcomes): uPlot.AlignedData {
  return [points.map(({ at }) => at / 1000), ...stack(points).reverse()]
}

function options(
  width: number,
  stepMs: number,
  utc: boolean,
  onPoint: (index: number | undefined) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const line = style.getPropertyValue('--line').trim()
  const dim = style.getPropertyValue('--text-dim').trim()
  const font = '11px "Inter Variable", system-ui, sans-serif'
  const bars = uPlot.paths.bars
  const drawn = [...ENDED_STATES].reverse()
  return {
    width,
    height: HEIGHT,
    padding: [8, 24, 0, 0],
    ...(utc ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') } : {}),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: { time: true, range: (_plot, min, max) => [min - stepMs / 2000, max + stepMs / 2000] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      {
        stroke: dim,
        font,
        size: 26,
        gap: 6,
        grid: { show: false },
        ticks: { show: false },
        space: 72,
        incrs: timeIncrements(stepMs),
        values: timeLabels(utc),
      },
      {
        stroke: dim,
        font,
        size: 40,
        gap: 6,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        space: 36,
        incrs: WHOLE,
      },
    ],
    series: [
      {},
      ...drawn.map((state, index) => ({
        stroke: 'transparent',
        width: 0,
        fill: () => fillOf(state, style),
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars({ size: [0.78, 26], disp: segment(index + 2) }) }),
      })),
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)] },
  }
}

/** A bar reaches from the height of the series below, which comes after it, to its own. */
function segment(below: number): NonNullable<uPlot.Series.BarsPathBuilderOpts['disp']> {
  return {
    y0: { unit: 1, values: (plot) => heights(plot, below) },
    y1: { unit: 1, values: (plot) => heights(plot, below - 1) },
  }
}

function heights(plot: uPlot, series: number): number[] {
  const known = plot.data[series] ?? []
  return Array.from(plot.data[0], (_at, index) => known[index] ?? 0)
}

const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8]
