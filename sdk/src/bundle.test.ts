import { readdirSync, readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { createContext, Script } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { VERSION } from './version.ts'

const KILOBYTE = 1000

/**
 * What an entry loads when it is imported. Bundlers put what is imported with `await import()` into files of its own, which
 * are loaded when they are first used: refusals, and reports of attempts that outlive their call.
 */
async function loadedAtOnce(entry: string): Promise<{ code: string; later: number }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    splitting: true,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['@opentelemetry/api', 'node:crypto'],
  })
  const outputs = new Map(Object.entries(metafile.outputs))
  const [first = ''] = [...outputs].flatMap(([path, output]) => (output.entryPoint?.endsWith(entry) ? [path] : []))
  const atOnce = new Set([first])
  for (const path of atOnce) {
    for (const { path: next, kind } of outputs.get(path)?.imports ?? []) {
      if (kind === 'import-statement' && outputs.has(next)) atOnce.add(next)
    }
  }
  const files = outputFiles.filter(({ path }) => [...atOnce].some((name) => path.endsWith(name)))
  return { code: files.map(({ text }) => text).join(''), later: outputFiles.length - files.length }
}

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
    external: ['@opentelemetry/api', 'node:*'],
  })
  return outputFiles[0]?.text ?? ''
}

test.each([
  ['index.ts', 8],
  ['verify.ts', 4],
  ['jwt.ts', 8],
  ['kv.ts', 3],
  ['tracing.ts', 1],
  ['hono.ts', 1],
  ['fastify.ts', 1],
  ['next.ts', 1],
  ['workers.ts', 1],
  ['express.ts', 1],
  ['node.ts', 1],
])('%s bundles to less than %i kB of brotli', async (entry, kilobytes) => {
  const { code } = await loadedAtOnce(entry)
  expect(brotliCompressSync(code).length).toBeLessThan(kilobytes * KILOBYTE)
})

test('what not every executor needs is loaded when it is used, and all of it is less than 15 kB of brotli', async () => {
  expect((await loadedAtOnce('index.ts')).later).toBeGreaterThan(1)
  expect(brotliCompressSync(await bundle('index.ts')).length).toBeLessThan(15 * KILOBYTE)
})

test.each([
  'index.ts',
  'verify.ts',
  'jwt.ts',
  'kv.ts',
  'hono.ts',
  'workers.ts',
])('%s needs nothing of Node', async (entry) => {
  const code = (await bundle(entry)).replaceAll('globalThis.process?.env', '')
  expect(code).not.toMatch(/node:|\bBuffer\b|\bprocess\b(?!\.env\.CRONCLAVE_SECRET)|\brequire\b/)
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

/** esbuild makes no script of what waits at its top level. */
test.each(
  readdirSync(new URL('../api', import.meta.url)).map((name) => name.replace('.d.ts', '.ts')),
)('%s does not wait at its top level, so that CommonJS can require it', async (entry) => {
  expect(await bundle(entry, 'iife')).toContain('sdk')
})

test('the version that replies name is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(VERSION).toBe(manifest.version)
})
