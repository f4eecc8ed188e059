import type { Attempt, JobDefinition, Run } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { Child } from '../support/child.ts'
import type { Seen } from '../support/executor.ts'
import { SeededRandom } from '../sim/seeded-random.ts'
import {
  eventually,
  HOME,
  inParallel,
  iso,
  newSecret,
  readJob,
  Refused,
  runsOf,
  Server,
  sleepUntil,
  stretchesOf,
  temporaryFolder,
  wholeSecond,
} from './harness.ts'
import { everyFires, type Expected, faultsOfCalls, faultsOfJob, type Recorded, secondFires } from './ledger-checker.ts'

const ROUNDS = 8
/** From the first fire to the last. */
const WINDOW_MS = 36_000
/** Jobs that are made and runs that are asked for while the server dies again and again: one each, every so often. */
const REQUEST_MS = 400

/** The server that lives at the moment, and whoever waits for the next one. */
interface Present {
  server: Server | undefined
  over: boolean
}

test('S050 kill -9 at any moment: every fire has one record, what was acknowledged is there, and nothing runs twice', {
  timeout: 150_000,
}, async () => {
  const seed = Number(process.env['E2E_SEED'] ?? Date.now() % 1_000_000)
  const random = new SeededRandom(seed)
  const folder = temporaryFolder()
  const secret = newSecret()
  const outside = new Child(['--import', 'tsx', 'test/support/executor-process.ts'], { E2E_SECRET: secret })
  onTestFinished(async () => void (await outside.stop('SIGKILL')))
  const [, url = '', httpUrl = ''] = await outside.says(/^executor (\S+) (\S+)$/m)

  const present: Present = { server: await Server.start({ folder }), over: false }
  onTestFinished(async () => void (await present.server?.stop('SIGKILL')))
  const jobs = await define(present.server as Server, secret, url, httpUrl)
  const made = makeJobs(present, jobs.end)
  const asked = ask(present)
  const ended = new Map<string, string>()
  for (let round = 0; round < ROUNDS; round++) {
    await sleepUntil(Date.now() + random.integer(500, 4500))
    await remember(present.server as Server, ended)
    await present.server?.stop('SIGKILL')
    present.server = undefined
    await sleepUntil(Date.now() + random.pick([0, 0, 200, 700, 1500, 3000]))
    present.server = await Server.start({ folder })
  }
  await sleepUntil(jobs.end + 1000)
  present.over = true
  const server = present.server as Server
  const [created, keys] = [await made, await asked]
  await eventually('every run has ended', async () => (await openRuns(server)) === 0)

  const seen = (await (await fetch(new URL('/seen', url))).json()) as Seen
  const expected = [...jobs.expected, ...created]
  const faults: string[] = []
  const attempts: Attempt[] = []
  for (const one of expected) {
    const recorded = await record(server, one.job)
    attempts.push(...recorded.attempts)
    faults.push(...faultsOfJob(one, recorded), ...faultsOfEnds(recorded.runs, ended))
  }
  faults.push(...faultsOfRequests(keys, await runsOf(server, 'asked')), ...faultsOfCalls(seen, attempts))
  expect(faults, `seed ${seed}`).toEqual([])
  expect(
    attempts.some(({ next }) => next === 'redispatch'),
    'calls were under way when the server died',
  ).toBe(true)
  expect(seen.dispatched.length, `seed ${seed}: enough was going on`).toBeGreaterThan(500)
  expect(keys.size).toBeGreaterThan(10)
})

/** About 60 jobs of every kind that fire in a window. */
async function define(server: Server, secret: string, url: string, httpUrl: string) {
  await server.call('POST', `${HOME}/services`, { name: 'e2e', secret })
  await server.call('PUT', `${HOME}/services/e2e/executors/e1`, { url })
  const begin = wholeSecond(Date.now() + 3000)
  const end = begin + WINDOW_MS
  const handler = { kind: 'handler' as const, service: 'e2e', handler: 'work' }
  const window = { startAt: iso(begin), endAt: iso(end) }
  const expected: Expected[] = [{ job: 'asked' }]
  const definitions: JobDefinition[] = [{ name: 'asked', target: handler, params: { ms: 30 }, overlap: 'allow' }]
  const add = (name: string, fires: number[], definition: JobDefinition) => {
    expected.push({ job: name, fires })
    definitions.push({ target: handler, ...definition, name })
  }
  const everySecond = (name: string, i: number, definition: JobDefinition) => {
    const from = begin + i * 37
    const schedules = [{ every: '1s', startAt: iso(from), endAt: iso(end) }]
    add(`${name}-${i}`, everyFires(from, end, 1000), { schedules, ...definition })
  }
  for (let i = 0; i < 20; i++) everySecond('handler', i, { params: { ms: i * 20 } })
  for (let i = 0; i < 8; i++) {
    const target = {
      kind: 'http' as const,
      service: 'e2e',
      method: 'POST' as const,
      url: `${httpUrl}?ms=${i * 50}`,
      body: '{"run":"{{runId}}"}',
    }
    everySecond('http', i, { target, misfire: { policy: 'run-all' } })
  }
  for (const overlap of ['queue', 'cancel-running', 'allow', 'skip'] as const) {
    for (let i = 0; i < 4; i++) everySecond(overlap, i, { overlap, queueMax: 3, params: { ms: 1300 } })
  }
  for (const [name, misfire] of Object.entries(MISFIRES)) {
    for (let i = 0; i < 2; i++) everySecond(name, i, { misfire, params: { ms: 50 } })
  }
  for (let i = 0; i < 10; i++) {
    const step = 2 + (i % 3)
    const fires = secondFires(begin, end, (second) => second % step === 0)
    const retry = { max: 3, delay: '300ms', backoff: 'fixed' as const }
    const schedules = [{ cron: `*/${step} * * * * *`, zone: 'Asia/Shanghai', ...window }]
    add(`cron-${i}`, fires, { schedules, retry, params: { ms: 100, fails: 1 } })
  }
  await inParallel(definitions, 8, (definition) => server.call('POST', `${HOME}/jobs`, definition))
  return { expected, end }
}

const MISFIRES: Record<string, NonNullable<JobDefinition['misfire']>> = {
  'run-all': { policy: 'run-all' },
  'run-all-2': { policy: 'run-all', max: 2 },
  'skip-missed': { policy: 'skip' },
  threshold: { policy: 'run-all', threshold: '1500ms' },
}

/** Makes jobs while the server dies; answers those that it acknowledged. */
async function makeJobs(present: Present, end: number): Promise<Expected[]> {
  const made: Expected[] = []
  for (let i = 0; !present.over && Date.now() < end - 5000; i++) {
    const name = `made-${i}`
    const from = wholeSecond(Date.now() + 2000)
    const definition = {
      name,
      schedules: [{ cron: '* * * * * *', startAt: iso(from), endAt: iso(from + 3000) }],
      target: { kind: 'handler', service: 'e2e', handler: 'work' },
    }
    const acknowledged = await untilAnswered(present, async (server) => {
      await server.call('POST', `${HOME}/jobs`, definition).catch((error: unknown) => {
        if (!(error instanceof Refused && error.code === 'already-exists')) throw error
      })
      return Date.parse((await readJob(server, name)).createdAt)
    })
    if (acknowledged !== undefined) {
      made.push({ job: name, fires: secondFires(Math.max(from, acknowledged + 1), from + 3000, () => true) })
    }
    await sleepUntil(Date.now() + REQUEST_MS)
  }
  return made
}

/** Asks for runs, each under a key of its own and as often as it takes; answers the ids that were acknowledged. */
async function ask(present: Present): Promise<Map<string, string>> {
  const keys = new Map<string, string>()
  for (let i = 0; !present.over; i++) {
    const key = `key-${i}`
    const path = `${HOME}/jobs/asked/trigger`
    const run = await untilAnswered(present, (server) =>
      server.call<Run>('POST', path, { params: { key } }, { 'idempotency-key': key }),
    )
    if (run) keys.set(key, run.id)
    await sleepUntil(Date.now() + REQUEST_MS)
  }
  return keys
}

/** Repeats a call on whichever server lives until one answers. A refusal is an answer, and fails the test. */
async function untilAnswered<T>(present: Present, call: (server: Server) => Promise<T>): Promise<T | undefined> {
  for (;;) {
    const { server } = present
    if (!server && present.over) return undefined
    try {
      if (server) return await call(server)
    } catch (error) {
      if (error instanceof Refused && error.status !== 503) throw error
    }
    await sleepUntil(Date.now() + 50)
  }
}

/** Notes the runs that have ended; what has ended must stay as it is. */
async function remember(server: Server, ended: Map<string, string>): Promise<void> {
  const page = await server.call<{ items: Run[] }>('GET', `${HOME}/runs?limit=500`)
  for (const run of page.items) if (run.endedAt !== undefined) ended.set(run.id, `${run.state} at ${run.endedAt}`)
}

async function openRuns(server: Server): Promise<number> {
  const { counts } = await server.call<{ counts: { queued: number; running: number } }>('GET', '/v1/status')
  return counts.queued + counts.running
}

async function record(server: Server, job: string): Promise<Recorded> {
  const [runs, stretches] = await Promise.all([runsOf(server, job), stretchesOf(server, job)])
  const attempts: Attempt[] = []
  await inParallel(runs, 16, async ({ id }) => {
    const { items } = await server.call<{ items: Attempt[] }>('GET', `${HOME}/runs/${id}/attempts`)
    attempts.push(...items)
  })
  return { runs, stretches, attempts }
}

function faultsOfEnds(runs: readonly Run[], ended: ReadonlyMap<string, string>): string[] {
  return runs
    .filter(({ id, state, endedAt }) => (ended.get(id) ?? `${state} at ${endedAt}`) !== `${state} at ${endedAt}`)
    .map(({ id, state }) => `run ${id} had ended ${ended.get(id)} and now is ${state}`)
}

function faultsOfRequests(keys: ReadonlyMap<string, string>, runs: readonly Run[]): string[] {
  const ids = new Set(runs.map(({ id }) => id))
  const missing = [...keys].filter(([, id]) => !ids.has(id)).map(([key, id]) => `${key}: run ${id} is missing`)
  if (new Set(keys.values()).size !== keys.size) missing.push('two keys made one run')
  if (runs.length !== keys.size) missing.push(`${keys.size} keys made ${runs.length} runs`)
  return missing
}
