import type { Attempt, Job, Run, Stretch } from '@cronclave/openapi'
import { everyFires } from '../e2e/ledger-checker.ts'
import type { Cluster } from '../support/cluster.ts'
import type { ClusterNode } from '../support/cluster-node.ts'
import { HOME, inParallel, Refused } from '../support/server.ts'
import { pass } from './strike.ts'

export const SERVICE = 'e2e'
const PERIOD_MS = 1000
/** Until the first fire, and more for each job, so that all are there by then. */
const LEAD_MS = 2000
const LEAD_PER_JOB_MS = 50
/** How long what is open may take to end once nothing is due any more. */
const DRAIN_MS = 90_000
const PAGE = 500
const READERS = 16

/** A job that fires each second, from `startAt`. */
export interface FiringJob {
  name: string
  startAt: number
  definition: Record<string, unknown>
}

/** What the ledger says of a job, as one node has it. */
export interface JobRecords {
  runs: Run[]
  stretches: Stretch[]
}

/** Makes jobs of every policy that fire each second, spread over the second, for the executor at `url`. */
export async function createJobs(
  cluster: Cluster,
  count: number,
  { url, secret }: { url: string; secret: string },
): Promise<FiringJob[]> {
  await cluster.call('POST', `${HOME}/services`, { name: SERVICE, secret })
  await cluster.call('PUT', `${HOME}/services/${SERVICE}/executors/e1`, { url })
  const begin = Math.ceil((Date.now() + LEAD_MS + count * LEAD_PER_JOB_MS) / PERIOD_MS) * PERIOD_MS
  const jobs = Array.from({ length: count }, (_, i): FiringJob => {
    const startAt = begin + Math.floor((i * PERIOD_MS) / count)
    return { name: `nemesis-${String(i).padStart(3, '0')}`, startAt, definition: definitionOf(i) }
  })
  await inParallel(jobs, 8, (job) => cluster.call('PUT', `${HOME}/jobs/${job.name}`, withSchedule(job)))
  return jobs
}

/** Lets the jobs fire until an instant and no longer. Answers the fires that must be in the ledger, by job. */
export async function endJobs(cluster: Cluster, jobs: readonly FiringJob[]): Promise<Map<string, number[]>> {
  const endAt = Date.now() + 2 * PERIOD_MS + jobs.length * LEAD_PER_JOB_MS
  await inParallel(jobs, 8, (job) => cluster.call('PUT', `${HOME}/jobs/${job.name}`, withSchedule(job, endAt)))
  if (Date.now() > endAt) throw new Error('changing the jobs took longer than they were meant to fire on')
  await pass(endAt - Date.now() + PERIOD_MS)
  return new Map(jobs.map(({ name, startAt }) => [name, everyFires(startAt, endAt, PERIOD_MS)]))
}

/** Waits until no run is open. Answers those that still are when that takes too long, with what the ledger says of why. */
export async function drained(cluster: Cluster): Promise<string[]> {
  const deadline = Date.now() + DRAIN_MS
  for (;;) {
    const { items } = await cluster.call<{ items: Run[] }>('GET', `${HOME}/runs?state=queued&state=running&limit=20`)
    if (items.length === 0) return []
    if (Date.now() > deadline) return Promise.all(items.map((run) => whyOpen(cluster, run)))
    await pass(200)
  }
}

async function whyOpen(cluster: Cluster, run: Run): Promise<string> {
  const at = encodeURIComponent(run.fireTime)
  const explained = await cluster.call<unknown>('GET', `${HOME}/jobs/${run.job}/explain?at=${at}`)
  const attempts = await cluster.call<unknown>('GET', `${HOME}/runs/${run.id}/attempts`)
  return `still open after ${DRAIN_MS} ms: ${JSON.stringify({ run, explained, attempts })}`
}

/** The ledger of all jobs as one node has it. */
export async function recordsAt(
  node: ClusterNode,
  token: string,
  jobs: readonly FiringJob[],
): Promise<Map<string, JobRecords>> {
  const records = new Map<string, JobRecords>()
  await inParallel(jobs, READERS, async ({ name }) => {
    const runs = await pages<Run>(node, token, `${HOME}/runs?job=${name}`)
    const stretches = await pages<Stretch>(node, token, `${HOME}/jobs/${name}/stretches?`)
    records.set(name, { runs, stretches })
  })
  return records
}

/** Attempts of runs, as one node has them. */
export async function attemptsAt(node: ClusterNode, token: string, runs: readonly Run[]): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  await inParallel(runs, READERS, async ({ id }) => {
    attempts.push(...(await read<{ items: Attempt[] }>(node, token, `${HOME}/runs/${id}/attempts`)).items)
  })
  return attempts
}

/** Names of all jobs on a node. */
export async function jobNamesAt(node: ClusterNode, token: string): Promise<Set<string>> {
  const jobs = await pages<Job>(node, token, `${HOME}/jobs?`)
  return new Set(jobs.map(({ name }) => name))
}

/** Overlap, misfire, length and retries differ from job to job, so that a fault meets all of them. */
function definitionOf(i: number): Record<string, unknown> {
  const overlap = ['skip', 'allow', 'queue', 'skip'][i % 4]
  const policy = ['run-once', 'skip', 'run-all'][i % 3]
  const params = { ms: [0, 0, 50, 400, 1200][i % 5], overlaps: overlap === 'allow' }
  return {
    target: { kind: 'handler', service: SERVICE, handler: 'work' },
    misfire: { policy },
    retry: { max: 2, delay: '200ms' },
    timeout: '10s',
    overlap,
    params,
  }
}

function withSchedule({ startAt, definition }: FiringJob, endAt?: number): Record<string, unknown> {
  const end = endAt === undefined ? {} : { endAt: new Date(endAt).toISOString() }
  return { ...definition, schedules: [{ id: 'each', every: '1s', startAt: new Date(startAt).toISOString(), ...end }] }
}

/** Waits until a node has applied an index. */
export async function caughtUp(node: ClusterNode, token: string, index: number): Promise<void> {
  const deadline = Date.now() + DRAIN_MS
  for (;;) {
    const { headers } = await node.ask('GET', `${HOME}/jobs?limit=1`, { token })
    if (Number(headers['x-cronclave-index']) >= index) return
    if (Date.now() > deadline) throw new Error(`${node.name} has not applied ${index} after ${DRAIN_MS} ms`)
    await pass(50)
  }
}

/** All pages of a list; `path` ends in a query. */
async function pages<T>(node: ClusterNode, token: string, path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await read<{ items: T[]; nextCursor?: string }>(node, token, `${path}&limit=${PAGE}${after}`)
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return items
}

async function read<T>(node: ClusterNode, token: string, path: string): Promise<T> {
  const reply = await node.ask<T>('GET', path, { token, withinMs: 30_000 })
  if (reply.status !== 200) throw new Refused(`${node.name} ${path}`, reply)
  return reply.body
}
