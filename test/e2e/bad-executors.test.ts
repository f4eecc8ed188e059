import type { RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Attempt, JobDefinition, Run } from '@cronclave/openapi'
import { createExecutor } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  bodyOf,
  listen,
  listenHttp,
  listenTcp,
  type Listening,
  signReply,
  UNTRUSTED,
} from '../../control-plane/src/dispatch/fixtures.ts'
import { startExecutor, type TestExecutor } from '../support/executor.ts'
import { attemptsOf, createJob, HOME, newSecret, runIn, runsOf, Server, stretchesOf, trigger } from './harness.ts'
import { everyFires, faultsOfJob } from './ledger-checker.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SKEW_MS = 10 * 60_000
const secret = newSecret()
const folder = mkdtempSync(join(tmpdir(), 'cronclave-bad-'))
const opened: Listening[] = []
let server: Server
let healthy: TestExecutor
let begin = 0

beforeAll(async () => {
  server = await Server.start({ folder })
  healthy = await startExecutor({ secret })
  await service('e2e', healthy.url)
  const { createdAt } = await createJob(server, 'healthy', { schedules: [{ cron: '* * * * * *' }] })
  begin = Math.floor(Date.parse(createdAt) / 1000) * 1000 + 1000
})

afterAll(async () => {
  await server.stop('SIGKILL')
  await healthy.close()
  for (const { close } of opened) await close()
  rmSync(folder, { recursive: true, force: true })
})

async function service(name: string, url: string): Promise<void> {
  await server.call('PUT', `${HOME}/services/${name}`, { secret })
  await server.call('PUT', `${HOME}/services/${name}/executors/e1`, { url })
}

/** What a run against this executor ends as, and its attempts. */
async function outcomeOf(
  name: string,
  bad: Promise<Listening>,
  definition: JobDefinition = {},
): Promise<[Run, Attempt[]]> {
  const listening = await bad
  opened.push(listening)
  await service(name, listening.url)
  const target = { kind: 'handler' as const, service: name, handler: 'work' }
  await createJob(server, name, { target, timeout: '1500ms', onUncertain: 'fail', ...definition })
  const { id } = await trigger(server, name)
  const run = await runIn(server, id, 'succeeded', 'failed', 'timed-out', 'lost')
  return [run, await attemptsOf(server, id)]
}

const http = (name: string, more: object = {}): JobDefinition => ({
  target: { kind: 'http', service: name, path: '/', ...more },
})

const reply = (status: number, body = '', headers: Record<string, string> = {}): RequestListener => {
  return (request, response) => void bodyOf(request).then(() => response.writeHead(status, headers).end(body))
}

const tenGigabytes: RequestListener = (_, response) => {
  const piece = Buffer.alloc(64 * 1024, 'x')
  const more = (): void => {
    while (response.write(piece)) if (response.destroyed) return
    response.once('drain', more)
  }
  response.writeHead(200, { 'content-length': String(10 * 1024 ** 3) })
  more()
}

const metadata = reply(302, '', { location: 'http://169.254.169.254/latest/meta-data/' })

const garbage = () => listenTcp((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')))
const silent = () => listenTcp((socket) => socket.resume())
const resetting = () => listenTcp((socket) => socket.once('data', () => socket.resetAndDestroy()))

function untrusted(): Promise<Listening> {
  const tls = createHttpsServer(UNTRUSTED, reply(200))
  return listen(tls, () => tls.closeAllConnections(), 'https')
}

async function nobody(): Promise<Listening> {
  const gone = await listenHttp(reply(200))
  await gone.close()
  return { ...gone, close: () => Promise.resolve() }
}

/** An SDK whose clock is ten minutes ahead finds every signature expired. */
function skewed(): Promise<Listening> {
  const clock = {
    now: () => Date.now() + SKEW_MS,
    after: (ms: number, task: () => void) => {
      const timer = setTimeout(task, ms)
      return () => clearTimeout(timer)
    },
  }
  const executor = createExecutor({ service: 'skewed', secret, logger: false, clock }).job('work', () => ({}))
  return listenHttp(node(executor))
}

/** An SDK without the handler. */
function empty(): Promise<Listening> {
  return listenHttp(node(createExecutor({ service: 'empty', secret, logger: false })))
}

function replying(sign: (attempt: string, body: string) => Record<string, string>): Promise<Listening> {
  return listenHttp((request, response) => {
    void bodyOf(request).then((text) => {
      const { runId, attemptId } = (JSON.parse(text) as { data: { runId: string; attemptId: string } }).data
      const body = JSON.stringify({ type: 'run.result', data: { runId, attemptId, outcome: 'succeeded' } })
      response.writeHead(200, sign(attemptId, body)).end(body)
    })
  })
}

const expired = () => replying((attempt, body) => signReply(attempt, body, new Date(Date.now() - SKEW_MS), secret))
const forged = () => replying((attempt, body) => signReply(attempt, body, new Date(), newSecret()))
const unsigned = () => replying(() => ({}))

test.concurrent.each([
  ['garbage', garbage, {}, 'lost', 'uncertain', 'reply-garbled'],
  ['silent', silent, {}, 'lost', 'timed-out', 'timeout'],
  ['huge', () => listenHttp(tenGigabytes), {}, 'lost', 'uncertain', 'reply-too-large'],
  ['huge-http', () => listenHttp(tenGigabytes), http('huge-http'), 'succeeded', 'succeeded', undefined],
  ['redirecting', () => listenHttp(metadata), http('redirecting'), 'failed', 'failed', 'http-302'],
  [
    'to-metadata',
    () => listenHttp(metadata),
    http('to-metadata', { redirectMax: 3 }),
    'failed',
    'failed',
    'egress-refused',
  ],
  ['resetting', resetting, {}, 'lost', 'uncertain', 'connection-lost'],
  ['nobody', nobody, {}, 'failed', 'refused', 'connection-refused'],
  ['untrusted', untrusted, {}, 'failed', 'refused', 'tls-failed'],
  ['skewed', skewed, {}, 'failed', 'failed', 'signature-refused'],
  ['expired', expired, {}, 'lost', 'uncertain', 'reply-signature-invalid'],
  ['forged', forged, {}, 'lost', 'uncertain', 'reply-signature-invalid'],
  ['unsigned', unsigned, {}, 'lost', 'uncertain', 'reply-unsigned'],
  ['error', () => listenHttp(reply(500, 'oops')), {}, 'lost', 'uncertain', 'http-500'],
  ['empty', empty, {}, 'failed', 'refused', 'handler-unknown'],
] as const)('an executor of kind %s ends its run and nothing else', async (name, bad, definition, state, outcome, code) => {
  const [run, attempts] = await outcomeOf(name, bad(), definition)
  expect(run).toMatchObject({ state, attempts: 1, ...(code && { error: { code } }) })
  expect(attempts).toMatchObject([{ outcome, next: 'done', ...(code && { error: { code } }) }])
  if (name === 'huge-http') expect(run.result).toMatchObject({ truncated: true })
})

test.concurrent('what is uncertain is asked again by default, a few times, then the run ends', {
  timeout: 60_000,
}, async () => {
  const [run, attempts] = await outcomeOf('again', resetting(), { onUncertain: 'redispatch' })
  expect(run.state).toBe('lost')
  expect(attempts.map(({ next }) => next)).toEqual(['redispatch', 'redispatch', 'redispatch', 'done'])
  const tokens = attempts.map(({ fencingToken }) => Number(fencingToken))
  expect(tokens).toEqual(tokens.toSorted((a, b) => a - b))
})

test.concurrent('S064 a good executor beside a bad one takes the work over', async () => {
  const target = { kind: 'handler' as const, service: 'mixed', handler: 'work' }
  const [run, attempts] = await outcomeOf('mixed', untrusted(), { target, whenFull: 'fail', failover: true })
  expect(run.state).toBe('failed')
  expect(attempts).toHaveLength(1)
  const good = await startExecutor({ secret, service: 'mixed' })
  opened.push({ url: good.url, port: 0, close: good.close })
  await server.call('PUT', `${HOME}/services/mixed/executors/e2`, { url: good.url })
  for (let i = 0; i < 2; i++) {
    const { id } = await trigger(server, 'mixed')
    expect(await runIn(server, id, 'succeeded', 'failed')).toMatchObject({ state: 'succeeded', executor: 'e2' })
  }
})

test('a healthy job fired all the while', async () => {
  const paused = await server.call<{ updatedAt: string }>('POST', `${HOME}/jobs/healthy/pause`)
  const end = Date.parse(paused.updatedAt)
  const [runs, stretches] = [await runsOf(server, 'healthy'), await stretchesOf(server, 'healthy')]
  const fires = everyFires(begin, end, 1000)
  expect(fires.length).toBeGreaterThan(3)
  for (const { id } of runs) await runIn(server, id, 'succeeded')
  const recorded = { runs: await runsOf(server, 'healthy'), stretches, attempts: [] }
  expect(faultsOfJob({ job: 'healthy', fires }, recorded)).toEqual([])
  expect(runs.filter(({ latenessMs = 0 }) => latenessMs > 1000)).toEqual([])
  expect(stretches).toEqual([])
})
