import { cpSync, readFileSync } from 'node:fs'
import { get } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { PrivateCa } from '../../../test/support/private-ca.ts'
import { Client } from '../cli/client.ts'
import type { Io } from '../cli/io.ts'
import { systemClock } from '../runtime/clock.ts'
import type { TlsPaths } from '../runtime/tls-files.ts'
import { type Front, listen } from './front.ts'

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
let ca: PrivateCa
let other: PrivateCa
let front: Front
beforeAll(() => {
  ca = new PrivateCa()
  other = new PrivateCa()
})
afterAll(() => {
  ca.remove()
  other.remove()
})
afterEach(async () => front.close())

async function serve(paths: TlsPaths) {
  front = await listen({ host: '127.0.0.1', port: 0, tls: { paths, clock: systemClock(), logger } })
}

/** What the command line does with these files. */
async function ask(files: { ca?: string; cert?: string; key?: string }, env = {}) {
  const io = { env: { CRONCLAVE_TOKEN: 'x', ...env }, fetch, signal: new AbortController().signal } as unknown as Io
  const client = new Client(io, { endpoint: [front.url], ...files })
  return (await client.fetch(new Request('http://localhost/healthz'))).json()
}

/** Name on the certificate that a new connection is shown, and what the port answers. */
async function shown(trusted: PrivateCa) {
  return new Promise<{ status: number | undefined; serial: string }>((resolve, reject) => {
    const request = get(`${front.url}/healthz`, { ca: readFileSync(trusted.ca), agent: false }, (reply) => {
      const { serialNumber } = (reply.socket as TLSSocket).getPeerCertificate()
      reply.resume().on('end', () => resolve({ status: reply.statusCode, serial: serialNumber }))
    })
    request.on('error', reject)
  })
}

test('with a certificate the API speaks HTTPS, to those who trust its CA', async () => {
  await serve(ca.issue('api', 'IP:127.0.0.1'))
  expect(front.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(await ask({ ca: ca.ca })).toEqual({ status: 'ok' })
  await expect(ask({ ca: other.ca })).rejects.toMatchObject({
    details: [expect.stringMatching(/UNABLE_TO|SELF_SIGNED/)],
  })
  await expect(ask({})).rejects.toMatchObject({ details: [expect.stringMatching(/UNABLE_TO|SELF_SIGNED/)] })
  await expect(fetch(front.url.replace('https', 'http'))).rejects.toThrow()
})

test('an expired or wrongly named certificate of the server is refused by its clients', async () => {
  await serve(ca.issue('api', 'IP:127.0.0.1', -1))
  await expect(ask({ ca: ca.ca })).rejects.toMatchObject({ details: [expect.stringContaining('CERT_HAS_EXPIRED')] })
  await front.close()
  await serve(ca.issue('api', 'DNS:elsewhere.example'))
  await expect(ask({ ca: ca.ca })).rejects.toMatchObject({ details: [expect.stringContaining('ALTNAME_INVALID')] })
})

test('with a CA for clients, only those whose certificate it signed get an answer', async () => {
  await serve({ ...ca.issue('api', 'IP:127.0.0.1'), ca: other.ca })
  expect(await ask({ ca: ca.ca, ...other.issue('client', '') })).toEqual({ status: 'ok' })
  await expect(ask({ ca: ca.ca })).rejects.toThrow()
  await expect(ask({ ca: ca.ca, ...ca.issue('client', '') })).rejects.toThrow()
  await expect(ask({ ca: ca.ca, ...other.issue('client', '', -1) })).rejects.toThrow()
})

test('a new certificate is shown without a restart', async () => {
  const files = ca.issue('api', 'IP:127.0.0.1')
  await serve(files)
  const before = await shown(ca)
  const renewed = ca.issue('api', 'IP:127.0.0.1')
  cpSync(renewed.key, files.key)
  cpSync(renewed.cert, files.cert)
  await vi.waitFor(async () => expect((await shown(ca)).serial).not.toBe(before.serial), {
    timeout: 8000,
    interval: 100,
  })
  expect((await shown(ca)).status).toBe(200)
})

test('files that cannot be used are said at the start', async () => {
  await serve(ca.issue('api', 'IP:127.0.0.1'))
  const paths = { cert: '/nowhere.pem', key: '/nowhere.key' }
  const started = listen({ host: '127.0.0.1', port: 0, tls: { paths, clock: systemClock(), logger } })
  await expect(started).rejects.toThrow('/nowhere.pem cannot be read')
})

test('a certificate without its key is a fault of usage', async () => {
  await serve(ca.issue('api', 'IP:127.0.0.1'))
  await expect(ask({ cert: 'a.pem' })).rejects.toThrow('--cert and --key belong together')
  await expect(ask({ ca: '/nowhere.pem' })).rejects.toThrow('The file of --ca cannot be read')
})
