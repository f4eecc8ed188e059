import type uPlot from 'uplot'

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S
const INCREMENTS_S = [
  ...[1, 5, 10, 30, 60, 300, 600, 1800],
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_S),
  ...[1, 2, 3, 5, 7, 10, 14, 30, 60, 90, 182, 365, 730].map((days) => days * DAY_S),
]

/** How far marks of an axis of time may be apart: never closer than the points, or one day would be named twice. */
export function timeIncrements(stepMs: number): number[] {
  // A day on which clocks are set is an hour shorter or longer.
  return INCREMENTS_S.filter((seconds) => seconds >= (stepMs / 1000) * 0.9)
}

/** Times of day for short ranges, days for longer ones, months for the longest. */
export function timeLabels(utc: boolean): uPlot.Axis.DynamicValues {
  return (plot, splits) => {
    const spanS = (plot.scales['x']?.max ?? 0) - (plot.scales['x']?.min ?? 0)
    const format = new Intl.DateTimeFormat('en-GB', { ...fieldsFor(spanS), ...(utc ? { timeZone: 'UTC' } : {}) })
    return splits.map((at) => format.format(at * 1000))
  }
}

function fieldsFor(spanS: number): Intl.DateTimeFormatOptions {
  if (spanS <= 2 * DAY_S) return { hour: '2-digit', minute: '2-digit', hour12: false }
  return spanS <= 200 * DAY_S ? { day: 'numeric', month: 'short' } : { month: 'short', year: '2-digit' }
}
