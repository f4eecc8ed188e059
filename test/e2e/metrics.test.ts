import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { request } from 'undici'
import { CATALOG, type MetricName, type MetricSpec } from '../../control-plane/src/metrics/catalog.ts'
import { Cluster } from '../support/cluster.ts'
import { HOME, createJob, eventually, mount, runIn, serve, type Server, temporaryFolder, trigger } from './harness.ts'

/** Lines by name and labels, as a scraper reads them; what is no line of the format is a fault. */
function parsed(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const [, series, value] = /^(\w+(?:\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/.exec(line) ?? []
      expect([line, series]).not.toContain(undefined)
      return [series ?? '', Number(value)]
    }),
  )
}

async function scrape(server: Server, scope = 'read') {
  const { secret: token } = await server.call<{ secret: string }>('POST', '/v1/tokens', {
    name: `scrape-${Math.random()}`,
    scope,
  })
  return scrapeAt(server.url, token)
}

async function scrapeAt(url: string, token: string) {
  const { statusCode, headers, body } = await request(`${url}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await body.text()
  return { statusCode, type: headers['content-type'], figures: parsed(statusCode === 200 ? text : '') }
}

test('S022 a node says how it is, in what Prometheus reads, to whoever may read', async () => {
  const server = await serve(temporaryFolder())
  await mount(server)
  await createJob(server, 'tick', { schedules: [{ every: '1s' }] })
  const { id } = await trigger(server, 'tick')
  await runIn(server, id, 'succeeded', 'skipped')
  const { statusCode, type, figures } = await eventually('a fire was counted', async () => {
    const seen = await scrape(server)
    const fires = seen.figures.get('cronclave_runs_ended_total{namespace="default",state="succeeded"}') ?? 0
    return fires > 1 && seen
  })
  expect([statusCode, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect((await scrape(server, 'namespace:default')).statusCode).toBe(403)

  // Those of other members, of sinks, and of what was never wrong have no lines yet.
  const none = /^cronclave_(?:raft_peer_lag|clock_offset|sink_|alarms|evaluation)/
  const names = new Set([...figures.keys()].map((series) => series.replace(/\{.*/, '')))
  for (const [name, spec] of Object.entries(CATALOG) as [MetricName, MetricSpec][]) {
    if (none.test(name)) continue
    expect(names).toContain(spec.type === 'histogram' ? `${name}_count` : name)
  }
  const above = [
    'cronclave_fires_due_total{namespace="default"}',
    'cronclave_fire_lateness_seconds_count{namespace="default"}',
    'cronclave_run_duration_seconds_sum{namespace="default"}',
    'cronclave_attempts_total{namespace="default",outcome="succeeded"}',
    'cronclave_commit_duration_seconds_count',
    'cronclave_log_sync_duration_seconds_count',
    'cronclave_event_loop_delay_seconds_count',
    'cronclave_raft_term',
    'cronclave_raft_applied_index',
    'cronclave_log_bytes',
    'cronclave_state_bytes',
    'cronclave_memory_bytes{kind="resident"}',
    'cronclave_http_requests_total{method="POST",route="/v1/namespaces/{namespace}/jobs/{job}/trigger",status="201"}',
  ]
  for (const series of above) expect([series, figures.get(series)]).toEqual([series, expect.toSatisfy(isPositive)])
  expect(figures.get('cronclave_raft_leader')).toBe(1)
  expect(figures.get('cronclave_executors{namespace="default",state="online"}')).toBe(1)
})

test('three nodes have the same of what the log brings about, and each its own; the leader knows how far the others are', async () => {
  const cluster = await Cluster.start({ nodes: 3, flags: ['--egress-allow-loopback', 'true'] })
  onTestFinished(() => cluster.close())
  const token = await cluster.token()
  const leader = await cluster.leader()
  const ask = (method: string, path: string, body?: unknown) =>
    leader.ask<{ id: string }>(method, path, { token, body })
  const { url } = await broken()
  await ask('POST', `${HOME}/jobs`, { name: 'fails', target: { kind: 'http', url }, overlap: 'allow' })
  for (let i = 0; i < 3; i++) await ask('POST', `${HOME}/jobs/fails/trigger`, {})
  const failed = 'cronclave_runs_ended_total{namespace="default",state="failed"}'
  const all = await eventually('every node counted the same', async () => {
    const seen = await Promise.all(cluster.nodes.map((node) => scrapeAt(node.url, token)))
    const clocks = (figures: Map<string, number>) =>
      [...figures.keys()].filter((series) => series.startsWith('cronclave_clock_offset_seconds')).length
    const isWhole = ({ figures }: { figures: Map<string, number> }) =>
      figures.get(failed) === 3 && clocks(figures) === 2
    return seen.every(isWhole) && seen.map(({ figures }) => figures)
  })
  expect(all.map((figures) => figures.get('cronclave_members'))).toEqual([3, 3, 3])
  expect(all.reduce((sum, figures) => sum + (figures.get('cronclave_raft_leader') ?? 0), 0)).toBe(1)
  for (const [at, figures] of all.entries()) {
    const others = cluster.nodes.filter((_, other) => other !== at).map(({ name }) => `{peer="${name}"}`)
    const lags = [...figures.keys()].filter((series) => series.startsWith('cronclave_raft_peer_lag_entries'))
    const leads = cluster.nodes[at] === leader
    expect(lags.sort()).toEqual(leads ? others.map((peer) => `cronclave_raft_peer_lag_entries${peer}`) : [])
    for (const peer of others) expect(figures.get(`cronclave_clock_offset_seconds${peer}`)).toBeDefined()
  }
})

/** An endpoint at which everything fails. */
async function broken(): Promise<{ url: string }> {
  const server = createServer((_, response) => response.writeHead(500).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
