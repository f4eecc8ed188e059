import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { CATALOG, type MetricSpec } from '../control-plane/src/metrics/catalog.ts'
import * as words from '../control-plane/src/metrics/words.ts'

const specs: Record<string, MetricSpec> = CATALOG
const read = (path: string) => readFileSync(new URL(`../docs/${path}`, import.meta.url), 'utf8')

/** What Prometheus adds to every series. */
const TARGET = ['job', 'instance']
/** Values of the labels that are closed sets. */
const VALUES: Record<string, readonly string[]> = {
  cronclave_fires_skipped_total: words.SKIP_REASONS,
  cronclave_runs_ended_total: words.ENDED_STATES,
  cronclave_runs: words.OPEN_STATES,
  cronclave_attempts_total: words.OUTCOMES,
  cronclave_jobs: words.JOB_STATES,
  cronclave_executors: words.EXECUTOR_STATES,
  cronclave_alerts: ['firing', 'silenced'],
  cronclave_channels: ['well', 'failing'],
  cronclave_calls: ['in-flight', 'waiting'],
}

/** What is wrong with an expression, as far as it names metrics and labels. */
function faultsOf(expression: string): string[] {
  const faults: string[] = []
  const known = new Set(TARGET)
  for (const [, name = '', matchers = ''] of expression.matchAll(/\b(cronclave_[a-z_]+|up)\b(?:\{([^}]*)\})?/g)) {
    if (name === 'up') continue
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    const isPart = base !== name && specs[base]?.type === 'histogram'
    const spec = isPart ? specs[base] : specs[name]
    if (!spec || (spec.type === 'histogram' && !isPart)) faults.push(`there is no ${name}`)
    const labels = [...TARGET, ...(spec?.labels ?? []), ...(isPart ? ['le'] : [])]
    for (const label of labels) known.add(label)
    for (const [, label = '', sign = '', value = ''] of matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)) {
      if (!labels.includes(label)) {
        faults.push(`${name} has no label ${label}`)
        continue
      }
      const values = sign.startsWith('=') && label !== 'namespace' && label !== 'job' ? VALUES[name] : undefined
      for (const one of values ? value.split('|') : [])
        if (!values?.includes(one)) faults.push(`${label} of ${name} is never ${one}`)
    }
  }
  for (const [, list = ''] of expression.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of list.split(',').map((one) => one.trim()))
      if (!known.has(label)) faults.push(`nothing there has a label ${label}`)
  const bare = expression.replaceAll(/"[^"]*"/g, '')
  for (const [open, close] of ['()', '{}', '[]'])
    if (bare.split(open ?? '').length !== bare.split(close ?? '').length) faults.push(`${open} and ${close} differ`)
  // Each of them is of every node: a sum would count a cluster as often as it has nodes.
  for (const [, name = ''] of expression.matchAll(/sum(?: by \([^)]*\))? \((?:rate\()?(cronclave_[a-z_]+)/g))
    if (specs[name.replace(/_(?:bucket|sum|count)$/, '')]?.of === 'cluster') faults.push(`${name} is summed over nodes`)
  return faults
}

test('the page lists every metric as it is, and no other', () => {
  const rows = [...read('metrics.md').matchAll(/^\| `(cronclave_\w+)` \| (\w+) \| ([^|]*) \| (\w+) \| ([^|]+) \|$/gm)]
  const listed = rows.map(([, name, type, labels = '', of, help]) => {
    return { name, type, of, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label), help: help?.trim() }
  })
  expect(listed).toEqual(
    Object.entries(specs).map(([name, { type, of, labels, help }]) => ({ name, type, of, labels: [...labels], help })),
  )
})

describe('the checker of expressions', () => {
  test.each([
    ['rate(cronclave_nothing_total[5m])', 'there is no cronclave_nothing_total'],
    ['cronclave_run_duration_seconds > 1', 'there is no cronclave_run_duration_seconds'],
    ['cronclave_runs{job="x",cause="api"}', 'cronclave_runs has no label cause'],
    ['cronclave_runs{state=~"queued|lost"}', 'state of cronclave_runs is never lost'],
    ['max by (executor) (cronclave_runs)', 'nothing there has a label executor'],
    ['sum by (state) (cronclave_runs)', 'cronclave_runs is summed over nodes'],
    ['max(cronclave_raft_term', '( and ) differ'],
  ])('finds what is wrong with %s', (expression, fault) => {
    expect(faultsOf(expression)).toEqual([fault])
  })
})

describe('the alerting rules', () => {
  interface Rule {
    alert: string
    expr: string
    for?: string
    labels: { severity: string }
    annotations: { summary: string }
  }
  const { groups } = parse(read('prometheus/alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] }
  const rules = groups.flatMap((group) => group.rules)

  test('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length)
  })

  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what there is', (alert, rule) => {
    expect(alert).toMatch(/^Cronclave[A-Z]\w+$/)
    expect(faultsOf(rule.expr)).toEqual([])
    expect(rule.for ?? '1m').toMatch(/^\d+[smh]$/)
    expect(['warning', 'critical']).toContain(rule.labels.severity)
    const grouped = /\bby \(([^)]*)\)/.exec(rule.expr)?.[1]?.split(', ') ?? ['instance', 'code', 'peer']
    for (const [, label] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g)) expect(grouped).toContain(label)
  })
})

describe('the dashboard', () => {
  interface Panel {
    id: number
    type: string
    title: string
    gridPos: { x: number; y: number; w: number; h: number }
    targets?: { refId: string; expr: string; legendFormat: string }[]
  }
  const dashboard = JSON.parse(read('grafana/cronclave.json')) as {
    uid: string
    schemaVersion: number
    panels: Panel[]
    templating: { list: { name: string; type: string; definition?: string }[] }
  }
  const drawn = dashboard.panels.filter(({ type }) => type !== 'row')

  test('is one that Grafana loads: ids of their own, places that do not overlap, queries with a letter each', () => {
    expect(dashboard).toMatchObject({ uid: 'cronclave', schemaVersion: expect.any(Number) })
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
    for (const { targets = [] } of drawn) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['namespace', 'query'],
    ])
  })

  test.each(drawn.map((panel) => [panel.title, panel] as const))('%s asks for what there is', (_, { targets = [] }) => {
    expect(targets.length).toBeGreaterThan(0)
    for (const { expr, legendFormat } of targets) {
      expect(faultsOf(expr.replaceAll('$__rate_interval', '5m'))).toEqual([])
      expect(legendFormat).not.toBe('')
    }
  })
})
