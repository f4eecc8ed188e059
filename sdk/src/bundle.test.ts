import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { createContext, Script } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { VERSION } from './version.ts'

const KILOBYTE = 1000

async function bundle(entry: string, format: 'esm' | 'iife' = 'esm'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    format,
    globalName: 'sdk',
    platform: 'browser',
    target: 'es2022',
    external: ['@opentelemetry/api'],
  })
  return outputFiles[0]?.text ?? ''
}

test.each([
  ['index.ts', 8],
  ['verify.ts', 4],
  ['kv.ts', 3],
  ['tracing.ts', 1],
  ['hono.ts', 1],
  ['express.ts', 1],
  ['node.ts', 1],
])('%s bundles to less than %i kB of brotli', async (entry, kilobytes) => {
  expect(brotliCompressSync(await bundle(entry)).length).toBeLessThan(kilobytes * KILOBYTE)
})

test.each(['index.ts', 'verify.ts', 'kv.ts', 'hono.ts'])('%s needs nothing of Node', async (entry) => {
  expect(await bundle(entry)).not.toMatch(/node:|\bBuffer\b|\bprocess\b(?!\.env\.CRONCLAVE_SECRET)|\brequire\b/)
})

const WEB_APIS = [
  'Request',
  'Response',
  'Headers',
  'crypto',
  'TextEncoder',
  'TextDecoder',
  'AbortController',
  'setTimeout',
  'clearTimeout',
  'atob',
  'btoa',
] as const

test('the core answers a call where only Web APIs exist', async () => {
  const web = Object.fromEntries(WEB_APIS.map((name) => [name, globalThis[name]]))
  const context = createContext({ ...web, console, Uint8Array })
  const script = `${await bundle('index.ts', 'iife')}
    sdk.createExecutor({ service: 'billing', secret: 'whsec_${Buffer.alloc(32).toString('base64')}', logger: false })
      .job('report', () => 1)
      .fetch(new Request('http://executor/', { method: 'POST', body: '{}' }))`
  const response = (await new Script(script).runInContext(context)) as Response
  expect(response.status).toBe(401)
})

test('the version that replies name is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(VERSION).toBe(manifest.version)
})
