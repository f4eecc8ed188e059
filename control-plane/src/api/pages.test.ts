import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { contract, createBench } from './fixtures.ts'

let folder: string
let get: (path: string, headers?: Record<string, string>) => Promise<Response>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cronclave-pages-'))
  mkdirSync(join(folder, 'dashboard/assets'), { recursive: true })
  mkdirSync(join(folder, 'docs'))
  writeFileSync(join(folder, 'dashboard/index.html'), '<p>dashboard')
  writeFileSync(join(folder, 'dashboard/assets/app-1a2b.js'), 'app')
  writeFileSync(join(folder, 'dashboard/assets/large.css'), 'a{}'.repeat(1000))
  writeFileSync(join(folder, 'dashboard/.env'), 'secret')
  writeFileSync(join(folder, 'docs/index.html'), '<p>docs')
  writeFileSync(join(folder, 'docs/init.js'), 'init')
  const options = { document: contract, dashboard: join(folder, 'dashboard'), docsAssets: join(folder, 'docs') }
  const { app } = createApp(createBench().context, options)
  get = async (path, headers = {}) => app.request(path, { headers })
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the dashboard', () => {
  test.each([
    '/',
    '/index.html',
    '/login',
    '/n/default/runs',
    '/n/default/jobs/nightly.report',
    '/n/default/jobs/a.js',
    '/jobs/nightly',
  ])('is served at %s', async (path) => {
    const reply = await get(path)
    expect([reply.status, await reply.text()]).toEqual([200, '<p>dashboard'])
    expect(reply.headers.get('cache-control')).toBe('no-cache')
    expect(reply.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('has assets that never change', async () => {
    const reply = await get('/assets/app-1a2b.js')
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
    expect(reply.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const etag = reply.headers.get('etag') ?? ''
    expect((await get('/assets/app-1a2b.js', { 'if-none-match': etag })).status).toBe(304)
  })

  test('is sent compressed to who takes it, under a tag of its own', async () => {
    const headers = { 'accept-encoding': 'br, gzip;q=0.8' }
    const reply = await get('/assets/large.css', headers)
    expect([reply.headers.get('content-encoding'), reply.headers.get('vary')]).toEqual(['gzip', 'accept-encoding'])
    const bytes = Buffer.from(await reply.arrayBuffer())
    expect(gunzipSync(bytes).toString()).toBe('a{}'.repeat(1000))
    const plain = await get('/assets/large.css', { 'accept-encoding': 'gzip;q=0' })
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'a{}'.repeat(1000)])
    const etag = reply.headers.get('etag') ?? ''
    expect(etag).not.toBe(plain.headers.get('etag'))
    expect((await get('/assets/large.css', { ...headers, 'if-none-match': `"x", W/${etag}` })).status).toBe(304)
    expect((await get('/assets/app-1a2b.js', headers)).headers.get('content-encoding')).toBeNull()
  })

  test.each([
    '/assets/gone.js',
    '/favicon.ico',
    '/.env',
    '/v1/gone',
    '/docs/gone.js',
    '/assets/../.env',
    '/%2e%2e/x.js',
  ])('is not served for %s', async (path) => {
    const reply = await get(path)
    expect([reply.status, reply.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })
})

describe('the documentation', () => {
  test('S026 is a page of its own, with its assets and no credential', async () => {
    expect(await (await get('/docs')).text()).toBe('<p>docs')
    expect(await (await get('/docs/init.js')).text()).toBe('init')
    expect((await get('/docs')).headers.get('content-security-policy')).toContain("connect-src 'self'")
  })
})
