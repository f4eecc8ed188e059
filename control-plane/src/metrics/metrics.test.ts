import { describe, expect, test } from 'vitest'
import { Buckets } from '../runtime/buckets.ts'
import { CATALOG, type MetricName, type MetricSpec } from './catalog.ts'
import { Figures } from './families.ts'
import { NAMESPACES_MAX, Tally } from './tally.ts'

const SPECS = Object.entries(CATALOG) as [MetricName, MetricSpec][]

describe('the catalog', () => {
  test.each(SPECS)('%s is named as Prometheus asks', (name, { type, labels, help }) => {
    expect(name).toMatch(/^cronclave(_[a-z]+)+$/)
    if (type === 'counter') expect(name).toMatch(/_total$/)
    else expect(name).not.toMatch(/_(?:total|count|sum|bucket)$/)
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
    expect(help).toMatch(/^[A-Z0-9].*[^.]$/)
  })

  test('has no label whose values have no end', () => {
    const labels = new Set(SPECS.flatMap(([, spec]) => spec.labels))
    expect([...labels].sort()).toEqual(
      ['cause', 'code', 'kind', 'method', 'namespace', 'node', 'outcome', 'peer', 'reason', 'result', 'route', 'sink']
        .concat('state', 'status', 'version')
        .sort(),
    )
  })
})

describe('a look', () => {
  test('shows a histogram cumulative, in seconds', async () => {
    const buckets = new Buckets([100, 1000])
    for (const ms of [50, 100, 500, 2000]) buckets.add(ms)
    const figures = new Figures()
    figures.buckets('cronclave_run_duration_seconds', buckets, 'default')
    const lines = (await figures.text()).split('\n').filter((line) => line.startsWith('cronclave_run_duration'))
    expect(lines).toEqual([
      'cronclave_run_duration_seconds_bucket{namespace="default",le="0.1"} 2',
      'cronclave_run_duration_seconds_bucket{namespace="default",le="1"} 3',
      'cronclave_run_duration_seconds_bucket{namespace="default",le="+Inf"} 4',
      'cronclave_run_duration_seconds_sum{namespace="default"} 2.65',
      'cronclave_run_duration_seconds_count{namespace="default"} 4',
    ])
  })

  test('escapes what stands in a label', async () => {
    const figures = new Figures()
    figures.set('cronclave_build_info', 1, 'a"b\\c\nd', '24')
    expect(await figures.text()).toContain('cronclave_build_info{version="a\\"b\\\\c\\nd",node="24"} 1')
  })

  test('names each metric with its type, also one of which there is nothing', async () => {
    const text = await new Figures().text()
    for (const [name, { type, help }] of SPECS) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`)
    }
  })
})

describe('a tally', () => {
  test('counts so many namespaces by name, and the others together', () => {
    const tally = new Tally()
    for (let uid = 1; uid <= NAMESPACES_MAX + 2; uid++) tally.of(uid).due += 1
    expect(tally.of(1).due).toBe(1)
    expect(tally.isNamed(NAMESPACES_MAX)).toBe(true)
    expect(tally.isNamed(NAMESPACES_MAX + 1)).toBe(false)
    expect(tally.others.due).toBe(2)
  })

  test('has room for a new one once another is gone', () => {
    const tally = new Tally()
    for (let uid = 1; uid <= NAMESPACES_MAX; uid++) tally.of(uid)
    tally.keepOnly(new Map([[1, undefined]]))
    expect(tally.isNamed(1000)).toBe(true)
    expect(tally.of(1).due).toBe(0)
  })
})
