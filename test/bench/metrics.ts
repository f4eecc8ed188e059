/** What being watched costs: a scrape of many jobs, and what is counted per run. */
import { createBench, NOW } from '../../control-plane/src/api/fixtures.ts'
import { Tally } from '../../control-plane/src/metrics/tally.ts'
import type { Event } from '../../control-plane/src/state/applied.ts'
import type { State } from '../../control-plane/src/state/state.ts'
import { type Figure, median, percentile, progress } from './figure.ts'
import type { BenchOptions } from './options.ts'

const JOBS = 10_000
const NAMESPACES = 50
/** One run, from its fire to its end, is so many events that are counted. */
const ROUNDS = 5

/** Milliseconds of `GET /metrics`, and nanoseconds that counting adds to a run. */
export async function benchMetrics({ quick }: BenchOptions): Promise<Figure[]> {
  progress('scrapes')
  const scrapes = await scrapeTimes(quick ? 20 : 200)
  progress('counting')
  const perRun = countingNs(quick ? 100_000 : 1_000_000)
  const of = `${JOBS.toLocaleString('en-US')} jobs in ${NAMESPACES} namespaces`
  return [
    { name: `a scrape, ${of}, median`, value: median(scrapes), unit: 'ms', target: 20, better: 'less' },
    { name: `a scrape, ${of}, p99`, value: percentile(scrapes, 0.99), unit: 'ms', better: 'less' },
    { name: 'counting one run, from its fire to its end', value: perRun, unit: 'ns', target: 500, better: 'less' },
  ]
}

async function scrapeTimes(scrapes: number): Promise<number[]> {
  const api = createBench()
  const change = { description: '', slots: 1000, queuedRunsMax: 1000 }
  for (let at = 2; at < NAMESPACES; at++) api.apply({ kind: 'namespace-put', at: NOW, name: `team-${at}`, change })
  const target = { kind: 'http', url: 'https://shop.example.com/' }
  await api.ok('/v1/namespaces/default/jobs', { method: 'POST', body: { name: 'first', target } })
  const [first] = api.state.jobs.values()
  const namespaces = [...api.state.namespaces.keys()]
  for (let at = 1; first && at < JOBS; at++) {
    const uid = 1_000_000 + at
    api.state.jobs.set(uid, { ...first, uid, namespace: namespaces[at % namespaces.length] ?? first.namespace })
  }
  const headers = { authorization: `Bearer ${api.token('read')}` }
  const times: number[] = []
  for (let i = 0; i < scrapes; i++) {
    const began = performance.now()
    const reply = await api.app.request('/metrics', { headers })
    await reply.text()
    times.push(performance.now() - began)
  }
  return times
}

function countingNs(runs: number): number {
  const { state, events } = oneRun()
  const tally = new Tally()
  const rounds = Array.from({ length: ROUNDS }, () => {
    const began = performance.now()
    for (let i = 0; i < runs; i++) for (const event of events) tally.onEvent(state, event)
    return ((performance.now() - began) * 1e6) / runs
  })
  return median(rounds)
}

/** A state in which a run is under way, and the events of its life. */
function oneRun(): { state: State; events: Event[] } {
  const api = createBench()
  const [namespace = 0] = api.state.namespaces.keys()
  const run = { id: 'r', job: 1, namespace, cause: 'schedule' as const, dueTime: NOW, startedAt: NOW + 5 }
  const more = { fireTime: NOW, createdAt: NOW, jobVersion: 1, params: {}, schedules: [] }
  api.state.runs.set('r', { ...run, ...more, state: 'running', shards: [], sequence: 1 })
  const attempt = { id: 'r-0-1', run: 'r', shard: 0, ordinal: 1, fencingToken: 1, executor: '-', node: 'n' }
  const times = { startedAt: NOW, endedAt: NOW + 30 }
  const sequence = [1, 0] as const
  return {
    state: api.state,
    events: [
      { type: 'fires-decided', job: 1, due: 1, missed: 0 },
      { type: 'run-started', run: 'r', job: 1 },
      {
        type: 'attempt-ended',
        run: 'r',
        job: 1,
        attempt: { ...attempt, ...times, outcome: 'succeeded', next: 'done', sequence },
      },
      {
        type: 'run-ended',
        run: { ...run, ...more, jobName: 'x', state: 'succeeded', endedAt: NOW + 30, attempts: 1, sequence },
      },
    ],
  }
}
