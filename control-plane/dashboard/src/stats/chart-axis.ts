import type uPlot from 'uplot'

const DAY_S = 86_400

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
