import { type Metric, Registry } from 'prom-client'
import { assert } from '../runtime/assert.ts'
import type { Buckets } from '../runtime/buckets.ts'
import { CATALOG, type MetricName, type MetricSpec } from './catalog.ts'

/** The values of a metric's labels, in the order in which the catalog names them. */
export type Labels = readonly (string | number)[]

/** Figures of one look, by metric. */
export class Figures {
  readonly #lines = new Map<MetricName, Line[]>()

  /** A counter, or a gauge. */
  set(name: MetricName, value: number, ...labels: Labels): void {
    this.#of(name).push({ labels: labelsOf(name, labels), value })
  }

  buckets(name: MetricName, { bounds, counts, sumMs }: Buckets, ...labels: Labels): void {
    const lines = this.#of(name)
    const named = labelsOf(name, labels)
    let below = 0
    for (const [at, count] of counts.entries()) {
      below += count
      const bound = bounds[at]
      const le = bound === undefined ? '+Inf' : bound / 1000
      lines.push({ labels: { ...named, le }, value: below, metricName: `${name}_bucket` })
    }
    lines.push({ labels: named, value: sumMs / 1000, metricName: `${name}_sum` })
    lines.push({ labels: named, value: below, metricName: `${name}_count` })
  }

  /** In the format of Prometheus, in the order of the catalog. */
  text(): Promise<string> {
    const registry = new Registry()
    for (const [name, spec] of Object.entries(CATALOG) as [MetricName, MetricSpec][]) {
      const { type, help } = spec
      const family = { name, help, type, values: this.#lines.get(name) ?? [] }
      // All that a registry asks of a metric is what it holds at the moment.
      registry.registerMetric({ name, get: () => Promise.resolve(family) } as unknown as Metric)
    }
    return registry.metrics()
  }

  #of(name: MetricName): Line[] {
    let lines = this.#lines.get(name)
    if (!lines) this.#lines.set(name, (lines = []))
    return lines
  }
}

interface Line {
  labels: Record<string, string | number>
  value: number
  metricName?: string
}

function labelsOf(name: MetricName, values: Labels): Record<string, string | number> {
  const { labels }: MetricSpec = CATALOG[name]
  assert(values.length === labels.length, `metric ${name} has the labels ${labels.join(', ')}`)
  const named: Record<string, string | number> = {}
  // Thousands of them in a scrape: no lists of pairs.
  for (let at = 0; at < labels.length; at++) named[labels[at] as string] = values[at] ?? ''
  return named
}

export const CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE
