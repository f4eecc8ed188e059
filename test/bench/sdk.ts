/** What the SDK costs its host: CPU to verify a call, and bytes in a bundle. Beside node:crypto and `standardwebhooks` in the same run. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Webhook } from 'standardwebhooks'
import { createExecutor } from '../../sdk/src/executor.ts'
import { createVerifier } from '../../sdk/src/verify.ts'
import type { Figure } from './figure.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const KEY = Buffer.alloc(32, 7)
const BODY_BYTES = 1000
const ROUNDS = 5
const CALLS = 5000
const VERIFY_TARGET_US = 60
const CORE_TARGET_BYTES = 8000
const ENTRIES = ['index', 'verify', 'hono', 'express', 'node'] as const

/** CPU microseconds per call, all threads counted, medians of interleaved rounds; and sizes of the bundles. */
export async function benchSdk(): Promise<Figure[]> {
  const [verify, call] = [
    createVerifier({ secret: SECRET }),
    createExecutor({ service: 'billing', secret: SECRET }).job('report', () => 1),
  ]
  const contestants = {
    sdk: (signed: Signed) => verify.verify(signed),
    library: (signed: Signed) => new Webhook(SECRET).verify(signed.text, signed.headers),
    node: (signed: Signed) => verifyByNode(signed),
    call: (signed: Signed) =>
      call.receive({
        method: 'POST',
        body: signed.body,
        header: (name) => (signed.headers as Record<string, string>)[name],
      }),
  }
  const times: Record<keyof typeof contestants, number[]> = { sdk: [], library: [], node: [], call: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of ['sdk', 'library', 'node', 'call'] as const) {
      const us = await cpuPerCall(contestants[name], round)
      if (round > 0) times[name].push(us) // the first one warms up
    }
  }
  const [sdk, library, node, whole] = [times.sdk, times.library, times.node, times.call].map(median) as [
    number,
    number,
    number,
    number,
  ]
  return [
    {
      name: 'verify 1 kB, Web APIs',
      value: sdk,
      unit: 'µs CPU',
      target: VERIFY_TARGET_US,
      better: 'less',
      yardstick: { name: 'standardwebhooks', value: library },
    },
    {
      name: 'verify 1 kB, Web APIs',
      value: sdk,
      unit: 'µs CPU',
      target: VERIFY_TARGET_US,
      better: 'less',
      yardstick: { name: 'node:crypto', value: node },
    },
    { name: 'whole call: verify, run, sign', value: whole, unit: 'µs CPU' },
    ...(await bundleFigures()),
  ]
}

interface Signed {
  text: string
  body: Buffer
  headers: Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>
}

async function cpuPerCall(task: (signed: Signed) => unknown, round: number): Promise<number> {
  const calls = Array.from({ length: CALLS }, (_, index) => signedCall(`b${round}-${index}`))
  const before = process.cpuUsage()
  for (const signed of calls) await task(signed)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

function signedCall(id: string): Signed {
  const now = Date.now()
  const data = {
    namespace: 'default',
    service: 'billing',
    job: 'report',
    handler: 'report',
    runId: 'run1',
    attemptId: id,
    attempt: 1,
    maxAttempts: 1,
    trigger: 'schedule',
    fireTime: '2026-11-20T23:00:00+08:00',
    deadline: new Date(now + 60_000).toISOString(),
    shard: { index: 0, total: 1 },
    fencingToken: '42',
    params: { text: '' },
  }
  const envelope = { type: 'run.dispatch', timestamp: new Date(now).toISOString(), data }
  data.params.text = 'x'.repeat(BODY_BYTES - JSON.stringify(envelope).length)
  const text = JSON.stringify(envelope)
  const timestamp = String(Math.floor(now / 1000))
  const signature = `v1,${createHmac('sha256', KEY).update(`${id}.${timestamp}.${text}`).digest('base64')}`
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  return { text, body: Buffer.from(text), headers }
}

function verifyByNode({ body, headers }: Signed): boolean {
  const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`
  const expected = createHmac('sha256', KEY).update(head).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(headers['webhook-signature'].slice(3), 'base64'))
}

async function bundleFigures(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const entry of ENTRIES) {
    const file = fileURLToPath(new URL(`../../sdk/src/${entry}.ts`, import.meta.url))
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
    })
    const bytes = outputFiles[0]?.contents ?? new Uint8Array()
    const yardstick = { name: 'gzip', value: gzipSync(bytes).length }
    const figure = {
      name: `bundle of ${entry}, brotli`,
      value: brotliCompressSync(bytes).length,
      unit: 'bytes',
      yardstick,
    }
    figures.push(entry === 'index' ? { ...figure, target: CORE_TARGET_BYTES, better: 'less' } : figure)
  }
  return figures
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
