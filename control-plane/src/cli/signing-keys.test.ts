import { expect, test } from 'vitest'
import { systemClock } from '../runtime/clock.ts'
import type { Io } from './io.ts'
import { runCommandLine } from './program.ts'

const service = { name: 'billing', description: 'd', allowedHosts: ['a.example'], version: 3, secrets: 1 }

/** Runs a command line against a server that answers by method. */
async function run(line: string, answers: Record<string, [status: number, body: unknown]>, env = {}) {
  const seen = { asked: [] as [string, string, unknown][], out: '', err: '' }
  const io: Io = {
    stdout: { write: (text) => (seen.out += text) },
    stderr: { write: (text) => (seen.err += text) },
    env: { CRONCLAVE_TOKEN: 'cct_test', ...env },
    clock: systemClock(),
    stdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
    node: () => Promise.reject(new Error('no node here')),
    run: () => Promise.reject(new Error('no program here')),
    fetch: (input, init) => {
      const method = init?.method ?? 'GET'
      const { pathname, search } = input as URL
      const sent = init?.body ? (JSON.parse(Buffer.from(init.body as Uint8Array).toString()) as unknown) : undefined
      seen.asked.push([method, pathname + search, sent])
      const [status, body] = answers[method] ?? [500, {}]
      const headers = { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' }
      return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status, headers }))
    },
  }
  const exit = await runCommandLine(line.split(' '), io, '1.2.3')
  return { exit, ...seen }
}

test('service put changes how a service signs, and leaves what is not named', async () => {
  const signing = {
    scheme: 'jwt',
    alg: 'ES256',
    issuer: 'https://cron.example.com',
    audience: 'cronclave:c/1/billing',
    weak: false,
  }
  const answers = { GET: [200, { ...service, signing }], PUT: [200, { service: { ...service, signing } }] } as const
  const { exit, asked, out } = await run('service put billing --signing jwt --alg ES256', {
    GET: [...answers.GET],
    PUT: [...answers.PUT],
  })
  expect(exit).toBe(0)
  expect(asked.at(-1)).toEqual([
    'PUT',
    '/v1/namespaces/default/services/billing',
    { description: 'd', allowedHosts: ['a.example'], signing: { scheme: 'jwt', alg: 'ES256' } },
  ])
  expect(out).toContain('cronclave:c/1/billing')
})

test('service put makes a service that is not there', async () => {
  const made = { ...service, signing: { scheme: 'hmac', weak: false } }
  const answers: Record<string, [number, unknown]> = {
    GET: [404, { status: 404, code: 'service-not-found', title: 't' }],
    PUT: [201, { service: made, secret: 'whsec_x' }],
  }
  const { exit, asked, out } = await run('service put billing', answers)
  expect([exit, asked.at(-1)?.[2]]).toEqual([0, { description: '', allowedHosts: [] }])
  expect(out).toContain('whsec_x')
})

test('the secret of gojob comes from the environment, and what is weak is said to be', async () => {
  const weak = { ...service, signing: { scheme: 'legacy-gojob', weak: true } }
  const answers: Record<string, [number, unknown]> = { GET: [200, weak], PUT: [200, { service: weak }] }
  const env = { CRONCLAVE_GOJOB_SECRET: 'a-secret-of-its-own' }
  const { asked, err, out } = await run('service put billing --signing legacy-gojob', answers, env)
  expect(asked.at(-1)?.[2]).toMatchObject({ signing: { scheme: 'legacy-gojob', secret: 'a-secret-of-its-own' } })
  expect(out + err).toContain('Weak')
  const listed = await run('service ls', { GET: [200, { items: [{ ...weak, executors: {} }] }] })
  expect(listed.out).toContain('legacy-gojob (weak)')
})

test('signing keys are listed, made, activated and retired', async () => {
  const key = {
    id: 'k'.repeat(43),
    alg: 'EdDSA',
    issuer: 'https://a',
    state: 'next',
    createdAt: '2026-11-20T15:00:00Z',
  }
  const listed = await run('signing-key ls', { GET: [200, { items: [key] }] })
  expect(listed.out).toMatch(/k{43} +EdDSA +next/)
  const made = await run('signing-key rotate --alg ES256', { POST: [201, key] })
  expect(made.asked).toEqual([['POST', '/v1/signing-keys', { alg: 'ES256' }]])
  expect(made.out + made.err).toContain(`signing-key activate ${key.id}`)
  const active = await run(`signing-key activate ${key.id} --force`, { POST: [200, key] })
  expect(active.asked).toEqual([['POST', `/v1/signing-keys/${key.id}/activate?force=true`, undefined]])
  const gone = await run(`signing-key retire ${key.id}`, { DELETE: [204, undefined] })
  expect(gone.asked).toEqual([['DELETE', `/v1/signing-keys/${key.id}?force=false`, undefined]])
})
