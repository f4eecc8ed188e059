import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { AlertMessage, Job } from '@cronclave/openapi'
import { expect, onTestFinished, test } from 'vitest'
import { Cluster } from '../support/cluster.ts'
import { freePorts } from '../support/ports.ts'
import { MailServer, type MailServerOptions } from '../support/smtp.ts'
import { attemptsOf, eventually, HOME, inParallel, runIn, serve, temporaryFolder, trigger } from './harness.ts'

/** Jobs of which each fails several times in a short time. */
const JOBS = 200
const FAILURES_OF_EACH = 10

interface Caller {
  call<T>(method: string, path: string, body?: unknown): Promise<T>
}

/** A service whose answers are 500 until it is well. */
async function sickService(): Promise<{ url: string; heal(): void }> {
  let status = 500
  const web = createServer((_, response) => response.writeHead(status).end(status === 500 ? '<b>out of paper</b>' : ''))
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  onTestFinished(() => void web.close())
  const { port } = web.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, heal: () => (status = 200) }
}

async function mailServer(options: MailServerOptions = {}, port = 0): Promise<MailServer> {
  const server = await MailServer.start(options, port)
  onTestFinished(() => server.close())
  return server
}

async function tell(api: Caller, port: number, more: object = {}): Promise<void> {
  const target = { kind: 'email', host: '127.0.0.1', port, security: 'none', from: 'cron@example.com' }
  const to = ['ops@example.com', 'ann@example.com']
  await api.call('PUT', `${HOME}/channels/ops`, { target: { ...target, to }, ...more })
  const rule = { condition: { kind: 'run-ended' }, channels: ['ops'] }
  await api.call('PUT', `${HOME}/alert-rules/failing`, rule)
}

function makeJob(api: Caller, name: string, url: string, more: object = {}): Promise<Job> {
  const target = { kind: 'http', method: 'GET', url }
  return api.call<Job>('POST', `${HOME}/jobs`, { name, target, overlap: 'allow', ...more })
}

const messagesOf = async (api: Caller) =>
  (await api.call<{ items: AlertMessage[] }>('GET', `${HOME}/channels/ops/messages?limit=500`)).items
const allDelivered = (api: Caller) =>
  eventually('all messages are delivered', async () =>
    (await messagesOf(api)).every(({ state }) => state === 'delivered'),
  )

test('S105 a job that fails is told by mail within 2 s, with what was tried and a link, and once more when it is well', async () => {
  const service = await sickService()
  const mails = await mailServer()
  const server = await serve(temporaryFolder())
  await tell(server, mails.port)
  await makeJob(server, 'nightly', service.url, { retry: { max: 1, delay: '100ms' } })
  const { id } = await trigger(server, 'nightly')
  const run = await runIn(server, id, 'failed')
  const [first] = await mails.arrived(1)
  expect((first?.at ?? 0) - Date.parse(run.endedAt ?? '')).toBeLessThan(2000)
  expect(first?.to).toEqual(['ops@example.com', 'ann@example.com'])
  expect(first?.mail.subject).toBe('Firing: job default/nightly – failing')
  expect(first?.mail.text).toContain(`${server.url}/n/default/runs/${id}`)
  const attempts = await attemptsOf(server, id)
  expect(attempts).toHaveLength(2)
  for (const { ordinal, outcome } of attempts) expect(first?.mail.text).toContain(`Attempt ${ordinal}: ${outcome}`)
  expect(first?.mail.html).not.toContain('<b>out')

  await runIn(server, (await trigger(server, 'nightly')).id, 'failed')
  service.heal()
  await runIn(server, (await trigger(server, 'nightly')).id, 'succeeded')
  const [, second] = await mails.arrived(2)
  expect(second?.mail.subject).toBe('Resolved: job default/nightly – failing')
  expect(second?.mail.references).toBe(first?.mail.messageId)
  await runIn(server, (await trigger(server, 'nightly')).id, 'succeeded')
  await allDelivered(server)
  expect(mails.mails).toHaveLength(2)
})

test('S107 a test message arrives, and a wrong password is said where one asked', async () => {
  const mails = await mailServer({ login: { user: 'cron', password: 'right' } })
  const server = await serve(temporaryFolder())
  const target = { kind: 'email', host: '127.0.0.1', port: mails.port, security: 'none', user: 'cron' }
  const put = (password: string) =>
    server.call('PUT', `${HOME}/channels/ops`, {
      target: { ...target, password, from: 'cron@example.com', to: ['ops@example.com'] },
    })
  const ended = (id: AlertMessage['id']) =>
    eventually(`message ${id} has ended`, async () =>
      (await messagesOf(server)).find((message) => message.id === id && message.state !== 'open'),
    )
  await put('wrong')
  const refused = await server.call<AlertMessage>('POST', `${HOME}/channels/ops/test`)
  expect(await ended(refused.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('535') as string })
  await put('right')
  const taken = await server.call<AlertMessage>('POST', `${HOME}/channels/ops/test`)
  expect(await ended(taken.id)).toMatchObject({ state: 'delivered' })
  expect(mails.mails.map(({ mail }) => mail.subject)).toEqual(['Test message of channel ops'])
})

test('thousands of failures of many jobs make a bounded number of mails, and summaries say how many', async () => {
  const service = await sickService()
  const mails = await mailServer()
  const server = await serve(temporaryFolder())
  const [messagesMax, windowMs] = [5, 5000]
  await tell(server, mails.port, { messagesMax, window: '5s' })
  const names = Array.from({ length: JOBS }, (_, i) => `job-${i}`)
  await inParallel(names, 16, (name) => makeJob(server, name, service.url))
  const began = Date.now()
  const failures = Array.from({ length: FAILURES_OF_EACH }, () => names).flat()
  await inParallel(failures, 16, (name) => trigger(server, name))
  const counted = () => {
    const told = mails.mails.map(({ mail }) => mail.subject ?? '')
    const summed = told.map((subject) => Number(/^Summary: (\d+) alerts? began/.exec(subject)?.[1] ?? 0))
    return told.filter((subject) => subject.startsWith('Firing: ')).length + summed.reduce((sum, some) => sum + some, 0)
  }
  await eventually('every episode is told or counted', () => counted() >= JOBS, 60_000)
  const windows = Math.ceil((Date.now() - began) / windowMs) + 1
  expect(counted()).toBe(JOBS)
  expect(mails.mails.length).toBeLessThanOrEqual(windows * messagesMax)
  expect(mails.mails.some(({ mail }) => mail.subject?.startsWith('Summary: '))).toBe(true)
}, 120_000)

test('a leader that is killed between a failure and its mail leaves exactly one mail', async () => {
  const service = await sickService()
  const [port = 0] = await freePorts(1)
  const cluster = await Cluster.start({ nodes: 3 })
  onTestFinished(() => cluster.close())
  await tell(cluster, port)
  await makeJob(cluster, 'nightly', service.url)
  await cluster.call('POST', `${HOME}/jobs/nightly/trigger`, {})
  await eventually('a message waits', async () => (await messagesOf(cluster)).find(({ attempts }) => attempts > 0))
  await (await cluster.leader()).end()
  const mails = await mailServer({}, port)
  await cluster.leader()
  await mails.arrived(1)
  await allDelivered(cluster)
  expect(mails.mails.map(({ mail }) => mail.subject)).toEqual(['Firing: job default/nightly – failing'])
}, 120_000)

test('a leader that is killed before it hears that a mail was taken leaves one repeat, under the same id', async () => {
  const service = await sickService()
  let isHolding = true
  const held = new Promise<void>(() => undefined)
  const mails = await mailServer({ answersAfter: () => (isHolding ? held : Promise.resolve()) })
  const cluster = await Cluster.start({ nodes: 3 })
  onTestFinished(() => cluster.close())
  await tell(cluster, mails.port)
  await makeJob(cluster, 'nightly', service.url)
  await cluster.call('POST', `${HOME}/jobs/nightly/trigger`, {})
  await mails.arrived(1)
  isHolding = false
  await (await cluster.leader()).end()
  await cluster.leader()
  await mails.arrived(2)
  await allDelivered(cluster)
  expect(mails.mails).toHaveLength(2)
  expect(new Set(mails.mails.map(({ mail }) => mail.messageId)).size).toBe(1)
}, 120_000)
