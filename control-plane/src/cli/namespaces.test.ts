import { expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import type { Io } from './io.ts'
import { runCommandLine } from './program.ts'

/** Runs a command line against a server that answers the same to everything; says what was asked and shown. */
async function run(line: string, answer: unknown, status = 200) {
  const seen = { asked: [] as [string, string, unknown][], out: '', err: '' }
  const io: Io = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    env: { CRONCLAVE_TOKEN: 'cct_test' },
    clock: systemClock(),
    stdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: (input, init) => {
      const sent = init?.body ? (JSON.parse(Buffer.from(init.body as Uint8Array).toString()) as unknown) : undefined
      seen.asked.push([init?.method ?? 'GET', (input as URL).pathname, sent])
      const headers = { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' }
      return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(answer), { status, headers }))
    },
  }
  const exit = await runCommandLine(line.split(' '), io, '1.2.3')
  return { exit, ...seen }
}

const namespace = { name: 'billing', slots: 200, held: 3, queued: 1, description: 'invoices' }

test('a namespace is created, listed, renamed and removed', async () => {
  const made = await run('namespace create billing --slots 200', namespace, 201)
  const body = { name: 'billing', description: '', slots: 200, queuedRunsMax: 100_000 }
  expect([made.exit, made.asked]).toEqual([0, [['POST', '/v1/namespaces', body]]])
  const listed = await run('namespace ls', { items: [namespace] })
  expect(listed.out).toMatch(/billing +200 +3 +1 +active +invoices/)
  const renamed = await run('namespace rename billing accounting', namespace)
  expect(renamed.asked).toEqual([['POST', '/v1/namespaces/billing/rename', { name: 'accounting' }]])
  expect((await run('namespace rm billing', undefined, 204)).asked).toEqual([
    ['DELETE', '/v1/namespaces/billing', undefined],
  ])
})

test('a refusal is said in its own words', async () => {
  const problem = { status: 409, code: 'in-use', title: 'In use', detail: 'namespace billing still holds 2 jobs' }
  const { exit, err } = await run('namespace rm billing', problem, 409)
  expect([exit === 0, err]).toEqual([false, expect.stringContaining('still holds 2 jobs')])
})

test.each(['online', 'drain', 'offline'])('S068 an executor is switched with executor %s', async (verb) => {
  const executor = {
    id: 'e1',
    status: 'draining',
    url: 'http://e1/',
    weight: 1,
    slots: 0,
    held: 0,
    failures: 0,
    labels: {},
  }
  const { exit, asked, out } = await run(`executor ${verb} billing e1`, { ...executor, breaker: 'closed' })
  expect(exit).toBe(0)
  expect(asked).toEqual([['POST', `/v1/namespaces/default/services/billing/executors/e1/${verb}`, undefined]])
  expect(out).toContain('closed')
})

test('a health check is set on what the service is, and taken away again', async () => {
  const service = {
    name: 'work',
    description: 'd',
    allowedHosts: ['a'],
    version: 4,
    service: { healthCheck: undefined },
  }
  const set = await run('service health-check work --path /healthz --interval 5s --healthy-after 1', service)
  const body = {
    description: 'd',
    allowedHosts: ['a'],
    healthCheck: { path: '/healthz', interval: '5s', healthyAfter: 1 },
  }
  expect(set.asked.at(-1)).toEqual(['PUT', '/v1/namespaces/default/services/work', body])
  const off = await run('service health-check work', service)
  expect(off.asked.at(-1)?.[2]).toEqual({ description: 'd', allowedHosts: ['a'] })
})
